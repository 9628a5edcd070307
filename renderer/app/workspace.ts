/** What the viewports show. Panels put things here; the viewer draws them. */
import { create } from 'zustand';

export type Layout = '1x1' | '1x2' | '2x2';

/** One component of one item. */
export interface ShownComponent {
  item: string;
  component: string;
}

export interface ViewportContent extends ShownComponent {
  /** Shown minus this, signed, or its magnitude, times the gain. */
  difference?: { against: ShownComponent; absolute: boolean; gain: 1 | 5 | 10 };
  /** Drawn over the image through a colour map. */
  overlay?: ShownComponent & { opacity: number };
  /** Short name in the corner, for example "DDS" or "Zero-filled". */
  label?: string;
}

/** A viewport that follows a running job's preview. */
export interface LiveContent {
  job: string;
}

export type Content = ViewportContent | LiveContent | null;

export const viewportCount: Readonly<Record<Layout, number>> = { '1x1': 1, '1x2': 2, '2x2': 4 };

export interface Workspace {
  layout: Layout;
  /** Always four; the layout says how many are seen. */
  contents: readonly [Content, Content, Content, Content];
  active: number;
  setLayout(layout: Layout): void;
  setActive(index: number): void;
  /** Into the active viewport unless an index is given. */
  show(content: Content, index?: number): void;
  /** Several at once, from the first viewport on. */
  hang(layout: Layout, contents: readonly Content[]): void;
  /** Empties every viewport that shows the item or job. */
  forget(id: string): void;
}

type Four = Workspace['contents'];

const mentions = (content: Content, id: string): boolean => {
  if (content === null) return false;
  if ('job' in content) return content.job === id;
  return [content.item, content.difference?.against.item, content.overlay?.item].includes(id);
};

export const useWorkspace = create<Workspace>((set) => ({
  layout: '1x1',
  contents: [null, null, null, null],
  active: 0,
  setLayout: (layout) => set((state) => ({ layout, active: Math.min(state.active, viewportCount[layout] - 1) })),
  setActive: (active) => set({ active }),
  show: (content, index) =>
    set((state) => ({
      contents: state.contents.map((old, i) => (i === (index ?? state.active) ? content : old)) as unknown as Four,
    })),
  hang: (layout, contents) =>
    set({ layout, active: 0, contents: [0, 1, 2, 3].map((i) => contents[i] ?? null) as unknown as Four }),
  forget: (id) =>
    set((state) => ({
      contents: state.contents.map((content) => (mentions(content, id) ? null : content)) as unknown as Four,
    })),
}));
