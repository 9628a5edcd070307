import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { quietContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { findSolver, solvers } from '../../engine/solvers/registry.ts';
import type { SolverManifest } from '../../engine/solvers/sdk.ts';
import { defineSolver, describeSolver } from '../../engine/solvers/sdk.ts';
import { parseSettingText } from '../../engine/solvers/setting-text.ts';

const about = (description: string) => ({ description });
const manifest: SolverManifest = {
  id: 'adder',
  title: 'Adder',
  group: 'Tests',
  summary: 'Adds.',
  citation: 'none',
  inputs: [{ name: 'x', types: ['matrix'], required: true, description: 'Numbers to add.' }],
  outputs: [{ name: 'sum', type: 'metrics', description: 'Their sum.' }],
  parameters: z.strictObject({
    count: z.int().min(1).max(9).default(3).meta(about('How many.')),
    mode: z.enum(['fast', 'slow']).default('fast').meta(about('How.')),
    verbose: z.boolean().default(false).meta(about('Talk.')),
    spacing: z.array(z.number().positive()).default([1]).meta(about('Lengths in mm.')),
    weight: z
      .union([z.literal('auto'), z.number()])
      .default('auto')
      .meta(about('Weight.')),
    label: z.string().default('').meta(about('Name.')),
  }),
};
const adder = defineSolver<Record<string, unknown>>({
  manifest,
  run: async (_inputs, parameters) => ({ artifacts: {}, metrics: { count: Number(parameters.count) }, warnings: [] }),
});

async function failure(run: () => unknown): Promise<EngineError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('settings given as text', () => {
  test.each([
    ['count', '5', 5],
    ['mode', 'slow', 'slow'],
    ['verbose', 'true', true],
    ['spacing', '0.7,0.7,1.5', [0.7, 0.7, 1.5]],
    ['spacing', '2', [2]],
    ['weight', 'auto', 'auto'],
    ['weight', '1e-3', 0.001],
    ['label', '42', '42'],
    ['label', 'a,b', 'a,b'],
  ])('%s=%s', (name, text, value) => {
    expect(parseSettingText(manifest, name, text)).toEqual(value);
  });
  test('a value out of range names the range', async () => {
    const error = await failure(() => parseSettingText(manifest, 'count', '12'));
    expect(error).toMatchObject({ code: 'bad-usage', path: 'count', hint: 'allowed: whole numbers 1 to 9' });
    expect((await failure(() => parseSettingText(manifest, 'mode', 'middling'))).hint).toBe('allowed: fast, slow');
    expect((await failure(() => parseSettingText(manifest, 'weight', 'much'))).hint).toBe('allowed: auto or numbers');
  });
  test('an unknown name lists the known ones', async () => {
    expect((await failure(() => parseSettingText(manifest, 'cuont', '1'))).hint).toContain('count, mode');
  });
});

describe('running', () => {
  const x = { type: 'matrix', array: { dtype: 'float32', shape: [1], data: new Float32Array(1) } } as const;
  test('defaults are filled in and recorded', async () => {
    const { parameters, metrics } = await adder.run({ x }, { count: 4 }, quietContext());
    expect(metrics).toEqual({ count: 4 });
    expect(parameters).toEqual({ count: 4, mode: 'fast', verbose: false, spacing: [1], weight: 'auto', label: '' });
  });
  test.each([
    [{}, {}, 'needs the input x'],
    [{ y: x, x }, {}, 'no input "y"'],
    [{ x: { type: 'graph', json: 1 } }, {}, 'must be matrix'],
    [{ x }, { count: 0 }, 'parameter count'],
    [{ x }, { height: 0 }, 'no parameter height'],
  ] as const)('%#: %o', async (inputs, settings, message) => {
    const error = await failure(() => adder.run(inputs as never, settings, quietContext()));
    expect(error.message).toContain(message);
  });
});

describe('the registry', () => {
  test('ids are unique, every parameter and input is described', () => {
    expect(new Set(solvers.map(({ manifest: { id } }) => id)).size).toBe(solvers.length);
    for (const { manifest: m } of solvers) {
      for (const [name, field] of Object.entries(m.parameters.shape))
        expect((field as z.ZodType).meta()?.description, `${m.id}.${name}`).toBeTruthy();
      for (const slot of [...m.inputs, ...m.outputs]) expect(slot.description, `${m.id}.${slot.name}`).toBeTruthy();
    }
  });
  test('the description is plain data with a JSON schema', () => {
    const [text] = solvers.map((solver) => JSON.stringify(describeSolver(solver)));
    expect(JSON.parse(text)).toMatchObject({
      id: 'dds',
      parameters: { properties: { steps: { default: 50, minimum: 1, maximum: 1000 } } },
    });
  });
  test('an unknown id lists the known ones', async () => {
    expect(await failure(() => findSolver('nothing'))).toMatchObject({
      code: 'not-found',
      hint: expect.stringMatching(/^solvers are dds, /),
    });
  });
});
