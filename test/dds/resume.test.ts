/** A run that is stopped anywhere and goes on gives the bytes of one that was not. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsProblem } from '../../engine/dds/problem.ts';
import type { CheckpointStore, SavedArray } from '../../engine/dds/run-checkpoint.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';

const prior = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });

/** A checkpoint in memory, as separate from the run as a file would be. */
function memoryStore(): CheckpointStore & { writes: number } {
  let text: string | undefined;
  let saved = new Map<string, SavedArray>();
  return {
    path: 'memory',
    writes: 0,
    read: async () => (text === undefined ? undefined : JSON.parse(text)),
    async load(name, target) {
      const found = saved.get(name);
      if (found === undefined || found.length !== target.length) throw new Error(`no array ${name}`);
      target.set(found);
    },
    async write(state, arrays, kept) {
      const next = new Map<string, SavedArray>();
      for (const name of kept) {
        const found = saved.get(name);
        if (found === undefined) throw new Error(`no array ${name} to keep`);
        next.set(name, found);
      }
      for (const [name, values] of arrays) next.set(name, values.slice());
      saved = next;
      text = JSON.stringify(state);
      this.writes++;
    },
  };
}

/** Runs, cancelling after the given numbers of steps in turn, until it is through. */
async function interrupted(problem: DdsProblem, input: DdsInput, stops: readonly number[], every = 1, maxMemory = 0) {
  const store = memoryStore();
  const options = { checkpoint: { store, every }, ...(maxMemory ? { maxMemory } : {}) };
  for (const stop of stops) {
    const abort = new AbortController();
    let steps = 0;
    const context = quietContext({
      signal: abort.signal,
      progress: ({ step }) => {
        if (step && ++steps === stop) abort.abort();
      },
    });
    await expect(sample(problem, prior, resolveParameters(input), context, options)).rejects.toMatchObject({
      code: 'cancelled',
    });
  }
  return { result: await sample(problem, prior, resolveParameters(input), quietContext(), options), store };
}

describe('stopped and continued', () => {
  const { problem } = ctVolumeScene(10, 16, 6);
  const cases: [string, DdsInput][] = [
    ['coupled, first order, kept and fresh noise', { steps: 6, eta: 0.5, seed: 3 }],
    ['coupled, posterior weight, several ADMM iterations', { steps: 6, sigmaY: 0.1, admmIters: 2, cgIters: 3 }],
    ['coupled, second order', { steps: 9, sampler: 'dpm2m', spacing: 'logsnr' }],
    ['coupled, momentum from a start image', { preset: 'fast', sigmaY: 0.05, tv: true, cgIters: 2 }],
    ['coupled, two samples', { steps: 4, samples: 2, eta: 1 }],
    ['coupled, in slabs', { steps: 4, tileSlices: 8, tileOverlap: 4 }],
    ['slices alone, in groups of three', { steps: 4, tv: false, batch: 3 }],
    ['slices alone, stopping early', { steps: 40, tv: false, eta: 0, earlyStop: 0.05, batch: 10 }],
  ];
  test.each(cases)('%s', async (_name, input) => {
    const whole = await sample(problem, prior, resolveParameters(input), quietContext());
    const { result } = await interrupted(problem, input, [1, 3, 2]);
    expect(result.image).toEqual(whole.image);
    expect(result.samples).toEqual(whole.samples);
    expect(result.init).toEqual(whole.init);
    expect(result.residualBySlice).toEqual(whole.residualBySlice);
    expect(result.nfe).toBe(whole.nfe);
  });

  test('between rarer checkpoints the steps since the last are done again', async () => {
    const input: DdsInput = { steps: 7 };
    const whole = await sample(problem, prior, resolveParameters(input), quietContext());
    const { result, store } = await interrupted(problem, input, [5, 4], 3);
    expect(result.image).toEqual(whole.image);
    // After steps 3 and 6, and at the end.
    expect(store.writes).toBe(3);
  });

  test('the grouping of the first start is kept, whatever memory is free later', async () => {
    const input: DdsInput = { steps: 3, tileOverlap: 4 };
    const store = memoryStore();
    const image = 16 * 16 * 4;
    const tight = { checkpoint: { store, every: 1 }, maxMemory: 100 * image, keepInit: false };
    const first = await sample(problem, prior, resolveParameters(input), quietContext(), tight);
    expect(first.memory.slabSlices).toBeLessThan(10);
    const again = await sample(problem, prior, resolveParameters(input), quietContext(), { ...tight, maxMemory: 1e9 });
    expect(again.memory.slabSlices).toBe(first.memory.slabSlices);
    expect(again.image).toEqual(first.image);
  });
});

describe('the checkpoint of another run is refused by what differs', () => {
  const { problem } = ctVolumeScene(10, 16, 6);
  const stopped = async () => (await interrupted(problem, { steps: 4 }, [2])).store;
  const attempt = async (other: DdsProblem, input: DdsInput, using = prior) =>
    sample(other, using, resolveParameters(input), quietContext(), {
      checkpoint: { store: await stopped(), every: 1 },
    });

  test('settings', async () => {
    await expect(attempt(problem, { steps: 5 })).rejects.toMatchObject({
      code: 'mismatch',
      path: 'memory',
      message: 'the checkpoint is of another run: settings.steps was 4 and is 5 now',
    });
  });
  test('prior', async () => {
    const other = gaussianPrior({ channels: 1, mean: 0.31, spectrum: 0.1 });
    await expect(attempt(problem, { steps: 4 }, other)).rejects.toThrow(/another run: prior was/);
  });
  test('data', async () => {
    const [first, ...rest] = problem.slices;
    const measurement = first.measurement.slice();
    measurement[5] += 1e-6;
    const other = { ...problem, slices: [{ ...first, measurement }, ...rest] };
    await expect(attempt(other, { steps: 4 })).rejects.toThrow(/another run: data was/);
  });
  test('operators', async () => {
    const { operator } = problem.slices[0];
    const halved = { ...operator, adjoint: (y: Float32Array) => operator.adjoint(y).map((v) => 0.5 * v) };
    const other = { ...problem, slices: problem.slices.map((slice) => ({ ...slice, operator: halved })) };
    await expect(attempt(other, { steps: 4 })).rejects.toThrow(/another run: data was/);
  });
  test('what only groups or shows images may differ', async () => {
    const whole = await sample(problem, prior, resolveParameters({ steps: 4 }), quietContext());
    const result = await attempt(problem, { steps: 4, batch: 2, previewEvery: 1 });
    expect(result.image).toEqual(whole.image);
  });
});

describe('kill -9', () => {
  const root = mkdtempSync(join(tmpdir(), 'tangent-resume-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const settings = JSON.stringify({ steps: 16, eta: 0.5, lambda: 0.02, rho: 1, seed: 5 } satisfies DdsInput);

  /** Starts the run, kills it `delay` ms after step number `step`; resolves to how it ended and what it said. */
  function child(folder: string, output: string, step = Number.POSITIVE_INFINITY, delay = 0) {
    const script = join(import.meta.dirname, 'resume-child.ts');
    return new Promise<{ signal: string | null; code: number | null; said: string }>((resolve, reject) => {
      const started = spawn(process.execPath, [script, folder, output, settings], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      let due = false;
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (due || said.split('step\n').length - 1 < step) return;
        due = true;
        setTimeout(() => started.kill('SIGKILL'), delay);
      });
      started.on('error', reject);
      started.on('exit', (code, signal) => resolve({ code, signal, said }));
    });
  }

  test('at several moments, and the result has the bytes of an unbroken run', async () => {
    const plain = join(root, 'plain.raw');
    expect(await child(join(root, 'unused'), plain)).toMatchObject({ code: 0 });
    const folder = join(root, 'checkpoint');
    const output = join(root, 'resumed.raw');
    // The delays fall into the steps and into the writing of checkpoints alike.
    const kills: [number, number][] = [
      [1, 0],
      [3, 1],
      [2, 3],
      [2, 7],
    ];
    for (const [step, delay] of kills) {
      const ended = await child(folder, output, step, delay);
      expect(ended.signal).toBe('SIGKILL');
      expect(existsSync(output)).toBe(false);
    }
    const last = await child(folder, output);
    expect(last.code).toBe(0);
    expect(last.said).toMatch(/^going on from a checkpoint: group 1, step \d+/);
    expect(last.said.split('step\n').length - 1).toBeLessThan(16);
    expect(readFileSync(output).equals(readFileSync(plain))).toBe(true);
    expect(existsSync(folder)).toBe(false);
  }, 120_000);
});
