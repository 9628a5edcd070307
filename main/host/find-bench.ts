/** The benchmarks: every file of main/bench/ that exports `run`. */
import { access, readdir } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';
import type { BenchModule } from '../cli/bench-context.ts';

const folder = new URL('../bench/', import.meta.url);

export async function listBenches(): Promise<{ id: string; summary: string }[]> {
  const files = await readdir(folder).catch(() => []);
  const found: { id: string; summary: string }[] = [];
  for (const file of files.sort()) {
    if (!/^[a-z0-9-]+\.ts$/.test(file)) continue;
    const loaded: Partial<BenchModule> = await import(new URL(file, folder).href);
    // Parts of a benchmark may export a function of that name too; a benchmark says what it is.
    if (typeof loaded.run === 'function' && typeof loaded.summary === 'string')
      found.push({ id: file.slice(0, -3), summary: loaded.summary });
  }
  return found;
}

/** Throws `bad-usage` naming the benchmarks there are. */
export async function findBench(name: string): Promise<BenchModule> {
  const file = new URL(`${name}.ts`, folder);
  const exists =
    /^[a-z0-9-]+$/.test(name) &&
    (await access(file).then(
      () => true,
      () => false,
    ));
  const loaded: Partial<BenchModule> = exists ? await import(file.href) : {};
  const { run, summary } = loaded;
  if (typeof run === 'function' && typeof summary === 'string') return { run, summary };
  const names = (await listBenches()).map(({ id }) => id);
  throw new EngineError('bad-usage', `there is no benchmark "${name}"`, {
    path: 'bench',
    hint: names.length === 0 ? 'None are installed.' : `Benchmarks are ${names.join(', ')}.`,
  });
}
