/** What the frame around the viewports remembers while the page is open. */
import { create } from 'zustand';
import { type Panel, useSession } from './session.ts';

export type FrameDialog = 'palette' | 'keys' | 'about' | 'open-root' | null;

export interface FrameState {
  sideOpen: boolean;
  /** Pixels. */
  sideWidth: number;
  dialog: FrameDialog;
}

export const sideLimits = { least: 280, most: 720 } as const;

export const useFrame = create<FrameState>(() => ({
  sideOpen: true,
  sideWidth: innerWidth < 1200 ? 330 : 390,
  dialog: null,
}));

/** Shows a panel and opens the side if it was folded away. */
export function openPanel(panel: Panel): void {
  useSession.setState({ panel });
  useFrame.setState({ sideOpen: true });
}
