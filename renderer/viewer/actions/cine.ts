/** Plays the slices of a viewport by the frame clock: never faster than its pixels come, and says the true rate. */
import { useViewState } from '../view-state.ts';
import { controllerOf } from './controllers.ts';
import { activeIndex, scrollTo } from './view-actions.ts';

let frame = 0;

export function stopCine(): void {
  cancelAnimationFrame(frame);
  const { cine } = useViewState.getState();
  if (cine.playing) useViewState.setState({ cine: { ...cine, playing: false, measured: 0 } });
}

export function startCine(): void {
  const { cine } = useViewState.getState();
  if (cine.playing) return;
  useViewState.setState({ cine: { ...cine, playing: true, measured: 0 } });
  let due = performance.now();
  const shownAt: number[] = [];
  let lastReport = due;
  const step = (now: number) => {
    const state = useViewState.getState();
    if (!state.cine.playing) return;
    const index = activeIndex();
    const source = controllerOf(index)?.source();
    if (source == null || source.shape[0] < 2) {
      stopCine();
      return;
    }
    const view = state.views[index];
    if (now >= due && view.shown === view.slice) {
      scrollTo(index, (view.slice + 1) % source.shape[0]);
      shownAt.push(now);
      // A late frame moves the beat, so that speed never piles up.
      due = Math.max(due + 1000 / state.cine.fps, now - 1000 / state.cine.fps);
    }
    while (shownAt.length > 0 && shownAt[0] < now - 1000) shownAt.shift();
    if (now - lastReport > 500 && shownAt.length > 1) {
      lastReport = now;
      const measured = ((shownAt.length - 1) * 1000) / (shownAt[shownAt.length - 1] - shownAt[0]);
      useViewState.setState({ cine: { ...state.cine, measured } });
    }
    frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
}

export const toggleCine = () => (useViewState.getState().cine.playing ? stopCine() : startCine());

export function changeCineRate(factor: number): void {
  const { cine } = useViewState.getState();
  useViewState.setState({ cine: { ...cine, fps: Math.min(60, Math.max(1, Math.round(cine.fps * factor))) } });
}
