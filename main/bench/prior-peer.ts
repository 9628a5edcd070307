/** PyTorch as a peer of the network's runtime: a Python process that evaluates on request (models/training/bench_prior.py). */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { FilmResUNetConfig } from '../../engine/prior/architectures/film-resunet.ts';
import type { Time } from './cost-clock.ts';

const script = fileURLToPath(new URL('../../models/training/bench_prior.py', import.meta.url));
/** Compilation takes a minute on a quiet machine. */
const startLimitMs = 600_000;

export interface PeerTask {
  python: string;
  /** Path of the weights as safetensors. */
  weights: string;
  architecture: FilmResUNetConfig;
  x: Float32Array;
  shape: readonly [number, number, number, number];
  time: number;
  threads: number;
}

export interface Peer {
  version: string;
  /** How it can evaluate the network here; all but `bfloat16` in float32. */
  ways: string[];
  failed: Record<string, string>;
  run(way: string): Promise<Time>;
  output(way: string): Promise<Float32Array>;
  close(): Promise<void>;
}

const greeting = z.object({
  version: z.string(),
  ways: z.array(z.string()),
  failed: z.record(z.string(), z.string()),
});
const timing = z.object({ wall: z.number(), cpu: z.number() });

/** The peer, or why there is none. */
export async function openPeer(task: PeerTask): Promise<Peer | { missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tangent-bench-'));
  const input = join(folder, 'x.f32');
  const config = join(folder, 'config.json');
  await writeFile(input, new Uint8Array(task.x.buffer, task.x.byteOffset, task.x.byteLength));
  await writeFile(config, JSON.stringify(task.architecture));
  const args = [script, '--weights', task.weights, '--config', config, '--input', input];
  args.push('--shape', task.shape.join(','), '--time', String(task.time), '--threads', String(task.threads));
  const child = spawn(task.python, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Keeps freed memory in the process, which saves PyTorch's large allocations their page faults.
    env: {
      ...process.env,
      MALLOC_MMAP_MAX_: '0',
      MALLOC_TRIM_THRESHOLD_: '4000000000',
      MALLOC_TOP_PAD_: '268435456',
      OMP_NUM_THREADS: String(task.threads),
    },
  });
  const { ask, complaint } = conversation(child);
  const close = async () => {
    child.stdin.end();
    child.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { version, ways, failed } = greeting.parse(await ask(undefined, startLimitMs));
    return {
      version,
      ways,
      failed,
      run: async (way) => timing.parse(await ask(`run ${way}`)),
      output: async (way) => {
        const file = join(folder, `${way}.f32`);
        await ask(`output ${way} ${file}`);
        return new Float32Array((await readFile(file)).buffer.slice(0));
      },
      close,
    };
  } catch (error) {
    await close();
    const reason = complaint() || (error instanceof Error ? error.message : String(error));
    return { missing: `${task.python}: ${reason}` };
  }
}

/** Questions and answers, one line of JSON each. `complaint` is the last line the process wrote on standard error. */
function conversation(child: ChildProcess) {
  let last = '';
  let ended: Error | undefined;
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  const lines: string[] = [];
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.on('error', end);
  child.stdin?.on('error', end);
  child.on('close', (code) => end(new Error(`the process ended with code ${code}`)));
  child.stderr?.on('data', (data: Buffer) => {
    last = data.toString().trim().split('\n').at(-1) ?? last;
  });
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const next = waiting.shift();
      if (next === undefined) lines.push(line);
      else next.resolve(line);
    });
  return {
    complaint: () => last,
    async ask(question?: string, limitMs = 120_000): Promise<unknown> {
      if (question !== undefined) child.stdin?.write(`${question}\n`);
      const timer = setTimeout(() => end(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
      try {
        const line = await new Promise<string>((resolve, reject) => {
          const ready = lines.shift();
          if (ready !== undefined) resolve(ready);
          else if (ended !== undefined) reject(ended);
          else waiting.push({ resolve, reject });
        });
        return JSON.parse(line);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
