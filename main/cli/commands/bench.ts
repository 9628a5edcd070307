/** `tangent bench NAME`: runs main/bench/NAME.ts, or lists what there is. */
import { access, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import type { BenchContext, BenchModule } from '../bench-context.ts';
import { command } from '../command.ts';
import { suggestion } from '../nearest.ts';
import { commonOptions, deviceOptions, seedOption } from '../option-types.ts';

const folder = new URL('../../bench/', import.meta.url);

async function benchNames(): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  const names: string[] = [];
  for (const file of files.sort()) {
    if (!/^[a-z0-9-]+\.ts$/.test(file)) continue;
    const loaded: Partial<BenchModule> = await import(new URL(file, folder).href);
    if (typeof loaded.run === 'function') names.push(file.slice(0, -3));
  }
  return names;
}

async function loadBench(name: string): Promise<BenchModule> {
  const file = new URL(`${name}.ts`, folder);
  const known =
    /^[a-z0-9-]+$/.test(name) &&
    (await access(file).then(
      () => true,
      () => false,
    ));
  const loaded: Partial<BenchModule> = known ? await import(file.href) : {};
  if (typeof loaded.run === 'function') return { summary: '', ...loaded, run: loaded.run };
  const names = await benchNames();
  throw new EngineError('bad-usage', `there is no benchmark "${name}"`, {
    path: 'bench',
    hint: `${suggestion(name, names)} See tangent bench.`.trim(),
  });
}

export const bench = command({
  name: 'bench',
  usage: '[NAME] [options]',
  description:
    'Runs a benchmark beside the peers that are installed and prints ratios from one run. Without NAME it lists them. Words that are not options here go to the benchmark.',
  positionals: [
    { name: 'NAME', description: 'Which benchmark.', required: false },
    { name: 'ARGS', description: 'Handed to the benchmark.', required: false, many: true },
  ],
  options: z.strictObject({ ...seedOption, ...deviceOptions, ...commonOptions }),
  passThrough: true,
  examples: ['tangent bench cg', 'tangent bench quality --json'],
  run: async ({ options, positionals, rest }, terminal) => {
    const [name, ...words] = positionals;
    if (name === undefined) {
      const names = await benchNames();
      terminal.print(names.length === 0 ? 'No benchmarks are installed.' : names.join('\n'));
      terminal.result(names.map((id) => ({ id })));
      return 0;
    }
    const module = await loadBench(name);
    const abort = new AbortController();
    const stop = () => abort.abort();
    process.on('SIGINT', stop);
    try {
      const context: BenchContext = {
        signal: abort.signal,
        seed: options.seed,
        device: options.device,
        threads: options.threads ?? availableParallelism(),
        json: terminal.json,
        print: terminal.print,
        note: terminal.note,
      };
      terminal.result(await module.run([...words, ...rest], context));
      return 0;
    } finally {
      process.off('SIGINT', stop);
    }
  },
});
