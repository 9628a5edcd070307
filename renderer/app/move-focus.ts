/** Moves the focus between the parts of the frame, and into a panel just opened. */

const parts = ['.top-bar', '.rail', '.side', '.app-viewports', '.status'] as const;
const focusable =
  'button:not([disabled]):not([tabindex="-1"]),[tabindex="0"],input:not([disabled]):not([tabindex="-1"]),select,textarea,a[href]';

const visible = (node: HTMLElement) => node.checkVisibility({ visibilityProperty: true });

function focusIn(part: Element): boolean {
  // The chosen button of a rail, the active viewport: where the part was left.
  const candidates = [...part.querySelectorAll<HTMLElement>(focusable)].filter(visible);
  const first =
    candidates.find((node) => node.matches('[aria-pressed=true],[aria-current],[data-active]')) ?? candidates[0];
  first?.focus();
  return first !== undefined && document.activeElement === first;
}

/** `step` 1: to the next part, -1: to the one before. Parts without anything to focus are passed over. */
export function focusNextPart(step: 1 | -1): void {
  const now = parts.findIndex((selector) => document.activeElement?.closest(selector) != null);
  const start = now === -1 && step === -1 ? 0 : now;
  for (let n = 1; n <= parts.length; n += 1) {
    const index = (start + step * n + parts.length * 2) % parts.length;
    const part = document.querySelector(parts[index]);
    if (part !== null && focusIn(part)) return;
  }
}

/** To the heading of the panel that is shown, once it is drawn. */
export function focusPanel(): void {
  requestAnimationFrame(() => {
    const panel = document.querySelector<HTMLElement>('.side .panel');
    if (panel === null) return;
    panel.tabIndex = -1;
    panel.focus();
  });
}
