/** Says something to screen readers without moving the focus. One polite live region, mounted by the app frame. */
import { create } from 'zustand';

/** `turn` changes with every announcement, so that the same words twice are said twice. */
export const useAnnouncement = create<{ text: string; turn: number }>(() => ({ text: '', turn: 0 }));

export function announce(text: string): void {
  useAnnouncement.setState((state) => ({ text, turn: state.turn + 1 }));
}
