/** Open, reconstruct, look, close, again: does memory stay flat? */
import type { BenchContext } from '../cli/bench-context.ts';
import type { BenchPage } from './ui-page.ts';

export interface SoakReport {
  minutes: number;
  rounds: number;
  /** MiB after a collection: heap of the page, resident set of the host, early and at the end. */
  page: [early: number, late: number];
  host: [early: number, late: number];
  rows: string[][];
}

const mib = (bytes: number) => bytes / 2 ** 20;

async function memory({ page }: BenchPage): Promise<{ page: number; host: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  globalThis.gc?.();
  return { page: mib(usedSize), host: mib(process.memoryUsage().rss) };
}

/** Waits for an event of the host that `pick` recognises. */
function heard<T>(
  { host }: BenchPage,
  pick: (event: Parameters<Parameters<typeof host.subscribe>[0]>[0]) => T | undefined,
): Promise<T> {
  return new Promise((resolve) => {
    const stop = host.subscribe((event) => {
      const found = pick(event);
      if (found === undefined) return;
      stop();
      resolve(found);
    });
  });
}

async function round(bench: BenchPage): Promise<void> {
  const { page, call } = bench;
  const opened = heard(bench, (event) =>
    event.type === 'open' && event.progress.state === 'done' ? event.progress.items[0] : undefined,
  );
  await call('library.openDemo', {});
  const item = await opened;
  await page.waitForTimeout(500);
  const ended = heard(bench, (event) =>
    event.type === 'job' && ['done', 'failed', 'cancelled'].includes(event.job.state) ? event.job : undefined,
  );
  await call('jobs.start', {
    kind: 'reconstruct',
    item,
    slices: { from: 8, to: 9 },
    simulate: { coils: 4, mask: 'uniform1d', accel: 4, acs: 0.08, noise: 0.01 },
    compare: ['zero-filled', 'cg-sense'],
  });
  const job = await ended;
  if (job.state !== 'done') throw new Error(job.error?.message ?? job.state);
  await page.waitForTimeout(1000);
  if (job.result !== null) await call('library.remove', { id: job.result });
  await call('library.close', { id: item });
  await call('jobs.remove', { id: job.id });
  await page.waitForTimeout(300);
}

/** The first two rounds fill caches and are not compared. */
export async function soak(bench: BenchPage, minutes: number, context: BenchContext): Promise<SoakReport> {
  const until = performance.now() + 60_000 * minutes;
  let rounds = 0;
  let early: { page: number; host: number } | undefined;
  while (performance.now() < until || rounds < 4) {
    context.signal.throwIfAborted();
    await round(bench);
    rounds++;
    if (rounds === 2) early = await memory(bench);
    if (rounds % 10 === 0) context.note(`${rounds} rounds`);
  }
  const late = await memory(bench);
  const first = early ?? late;
  const row = (what: string, a: number, b: number) => [
    what,
    `${a.toFixed(1)} → ${b.toFixed(1)} MiB over ${rounds} rounds`,
    'flat',
    (b / a).toFixed(2),
  ];
  return {
    minutes,
    rounds,
    page: [first.page, late.page],
    host: [first.host, late.host],
    rows: [row('heap of the page', first.page, late.page), row('resident set of the host', first.host, late.host)],
  };
}
