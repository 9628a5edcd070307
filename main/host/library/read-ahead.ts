/** Decodes the slices a person will scroll to next while nothing else is asked. */
import type { ItemReader } from './item-reader.ts';

/** Slices ahead; small beside the cache of decoded ones. */
const AHEAD = 8;

export interface ReadAhead {
  /** A slice was asked for; `idle` is false once another request waits. */
  after(key: string, reader: ItemReader, place: { component: string; index: number; count: number }): void;
}

/** `queue` runs work behind what was asked before it. */
export function readAhead(queue: (work: () => Promise<void>) => void, idle: () => boolean): ReadAhead {
  const last = new Map<string, number>();
  let turn = 0;
  return {
    after: (key, reader, { component, index, count }) => {
      const before = last.get(key);
      last.clear();
      last.set(key, index);
      const step = before !== undefined && before > index ? -1 : 1;
      const own = ++turn;
      const next = (k: number): void => {
        const at = index + k * step;
        if (k > AHEAD || at < 0 || at >= count || own !== turn || !idle()) return;
        queue(async () => {
          if (own !== turn || !idle()) return;
          // Whoever asks for the slice hears why it cannot be read.
          await reader.slice(component, at).catch(() => {});
          next(k + 1);
        });
      };
      next(1);
    },
  };
}
