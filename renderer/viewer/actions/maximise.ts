/** One viewport alone on the screen and back: contents stay where they are. */
import { create } from 'zustand';

export const useMaximised = create<{ index: number | null }>(() => ({ index: null }));

export function toggleMaximised(index: number): void {
  useMaximised.setState((state) => ({ index: state.index === index ? null : index }));
}
