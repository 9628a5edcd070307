/** Short notes in the corner: what was done, or what failed and what to do. */
import { create } from 'zustand';
import { announce } from './announce.ts';
import { HostError } from './host-client.ts';

export interface Toast {
  id: number;
  tone: 'info' | 'ok' | 'warning' | 'danger';
  text: string;
  hint?: string;
  /** One thing to do about it. */
  action?: { title: string; run: () => void };
}

interface Toasts {
  toasts: readonly Toast[];
  add(toast: Omit<Toast, 'id'>): void;
  dismiss(id: number): void;
}

let next = 1;
const lifeMs = { info: 6000, ok: 6000, warning: 12_000, danger: 20_000 } as const;

export const useToasts = create<Toasts>((set, get) => ({
  toasts: [],
  add: (toast) => {
    const id = next;
    next += 1;
    set((state) => ({ toasts: [...state.toasts.slice(-3), { ...toast, id }] }));
    announce(toast.hint === undefined ? toast.text : `${toast.text} ${toast.hint}`);
    setTimeout(() => get().dismiss(id), lifeMs[toast.tone]);
  },
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

/** A toast; `tone` says how serious it is. */
export function toast(text: string, tone: Toast['tone'] = 'info', more: Pick<Toast, 'hint' | 'action'> = {}): void {
  useToasts.getState().add({ text, tone, ...more });
}

/** Shows what a call rejected with. */
export function toastError(thrown: unknown): void {
  const hint = thrown instanceof HostError && thrown.hint !== null ? { hint: thrown.hint } : {};
  toast(thrown instanceof Error ? thrown.message : String(thrown), 'danger', hint);
}
