/** One line on standard error: stage, step k/K, bar, elapsed and remaining time. Never runs backwards. */
import type { Progress } from '../../engine/context.ts';

export interface ProgressBar {
  update(event: Progress): void;
  /** Clears the line; later updates draw nothing. */
  finish(): void;
}

export const silentBar: ProgressBar = { update: () => {}, finish: () => {} };

const redrawMs = 100;

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The text of the line, at most `columns` wide. */
export function progressLine(event: Progress, elapsed: number, columns: number): string {
  const step = event.step === undefined ? '' : ` ${event.step.index}/${event.step.count}`;
  const fraction = Math.min(1, Math.max(0, event.fraction));
  const left = fraction > 0.02 && elapsed > 1 ? `, ${clock((elapsed * (1 - fraction)) / fraction)} left` : '';
  const label = `${event.stage}${step}`;
  const tail = `${String(Math.floor(fraction * 100)).padStart(3)} %  ${clock(elapsed)}${left}`;
  const note = event.note === undefined ? '' : `  ${event.note}`;
  const noted = note !== '' && columns - 1 - note.length - tail.length - 3 - Math.max(16, label.length) - 1 >= 5;
  if (noted) return `${progressLine({ ...event, note: undefined }, elapsed, columns - note.length)}${note}`;
  const room = columns - 1 - tail.length - 3 - Math.max(16, label.length) - 1;
  if (room < 5) return `${label} ${tail}`.slice(0, Math.max(0, columns - 1));
  const size = Math.min(30, room);
  const filled = Math.round(fraction * size);
  return `${label.padEnd(16)} [${'='.repeat(filled)}${' '.repeat(size - filled)}] ${tail}`;
}

export function progressBar(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): ProgressBar {
  const start = now();
  let last: Progress = { fraction: 0, stage: 'start' };
  let drawn = Number.NEGATIVE_INFINITY;
  let open = true;
  const draw = () => {
    drawn = now();
    stream.write(`\r\x1b[2K${progressLine(last, (now() - start) / 1000, stream.columns ?? 80)}`);
  };
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    update: (event) => {
      if (!open) return;
      const changed = event.stage !== last.stage;
      last = { ...event, fraction: Math.max(last.fraction, event.fraction) };
      if (changed || now() - drawn >= redrawMs) draw();
    },
    finish: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      stream.write('\r\x1b[2K');
    },
  };
}
