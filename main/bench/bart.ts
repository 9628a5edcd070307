/** BART as a peer: found on PATH, fed through files, timed with the CPU seconds of its process. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NdArray } from '../../engine/arrays/ndarray.ts';
import { EngineError } from '../../engine/errors.ts';
import { readCfl, slicesToCfl, writeCfl } from '../../engine/io/cfl.ts';

const execute = promisify(execFile);

export interface Bart {
  version: string;
  /** Writes NAME.hdr and NAME.cfl from [coils, y, x] or [y, x]. */
  write(name: string, array: NdArray<'complex64'>): Promise<void>;
  /** Interleaved data of NAME. */
  read(name: string): Promise<Float32Array>;
  /** Runs one command in the folder of the files. */
  run(args: readonly string[], threads: number): Promise<{ wallMs: number; cpuMs: number }>;
  close(): Promise<void>;
}

/** Undefined when BART is not installed (or no POSIX shell to time it with). */
export async function openBart(): Promise<Bart | undefined> {
  let version: string;
  try {
    version = (await execute('bart', ['version'])).stdout.trim();
  } catch {
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'tangent-bart-'));
  return {
    version,
    write: async (name, array) => {
      const { header, data } = writeCfl(slicesToCfl(array));
      await writeFile(join(folder, `${name}.hdr`), header);
      await writeFile(join(folder, `${name}.cfl`), data);
    },
    read: async (name) => {
      const [header, data] = await Promise.all(['hdr', 'cfl'].map((end) => readFile(join(folder, `${name}.${end}`))));
      return readCfl(header, data, name).data;
    },
    run: async (args, threads) => {
      const start = performance.now();
      // `times` prints the shell's own and then its children's user and system time.
      const { stdout } = await execute('sh', ['-c', '"$@" >/dev/null || exit 1; times', 'sh', 'bart', ...args], {
        cwd: folder,
        env: { ...process.env, OMP_NUM_THREADS: String(threads) },
      });
      return { wallMs: performance.now() - start, cpuMs: childrenCpuMs(stdout) };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Second line of `times`: "0m1.23s 0m0.04s". */
function childrenCpuMs(output: string): number {
  const numbers = [...(output.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  if (numbers.length !== 2) throw new EngineError('internal', `the shell's times printed "${output.trim()}"`);
  return numbers.reduce((sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds), 0);
}
