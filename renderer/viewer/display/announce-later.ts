/** Says what a viewport shows to screen readers, at most once a second; while things change, only the last. */
import { announce } from '../../app/announce.ts';

const pause = 1000;
let last = '';
let said = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
let pending = '';

export function announceLater(text: string): void {
  if (text === (timer === undefined ? last : pending)) return;
  pending = text;
  if (timer !== undefined) return;
  // Even the first waits a little, so that a run of changes is said as one.
  timer = setTimeout(
    () => {
      timer = undefined;
      said = performance.now();
      if (pending === last) return;
      last = pending;
      announce(pending);
    },
    Math.max(250, said + pause - performance.now()),
  );
}
