/** Where a batch puts its work. The one here runs it in this program; a queue of another kind needs only this interface. */
import { EngineError } from '../../engine/errors.ts';

export interface WorkQueue {
  /** Runs `work` for each of the items, at most `concurrency` at a time; rejects when one rejects, after all have ended. */
  run<T>(items: AsyncIterable<T>, concurrency: number, work: (item: T) => Promise<void>): Promise<void>;
}

export const localQueue: WorkQueue = {
  async run(items, concurrency, work) {
    const running = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for await (const item of items) {
      if (failures.length > 0) break;
      const one = work(item)
        .catch((thrown: unknown) => {
          failures.push(thrown);
        })
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= concurrency) await Promise.race(running);
    }
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
  },
};

/** The queue of an address. Throws `unsupported`: this version has none but its own. */
export function openQueue(address: string | undefined): WorkQueue {
  if (address === undefined) return localQueue;
  throw new EngineError('unsupported', 'queues of other programs are not part of this version', {
    path: '--queue',
    hint: 'Leave --queue out; --concurrency N runs several scans at once, --shard i/n shares them among machines.',
  });
}
