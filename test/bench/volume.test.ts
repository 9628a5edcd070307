/** The volume benchmark at a small size, and that a run keeps to the memory it planned. */
import { describe, expect, test } from 'vitest';
import type { VolumeBench } from '../../main/bench/volume.ts';
import { jsonOf, tangent } from '../cli/tangent-process.ts';

async function bench(...words: string[]): Promise<VolumeBench> {
  const done = await tangent(['bench', 'volume', ...words, '--json']);
  expect(done).toMatchObject({ code: 0 });
  return jsonOf(done) as VolumeBench;
}

const mib = 2 ** 20;

describe('bench volume', () => {
  test('splits the time and stays within the planned memory, tiled or whole', async () => {
    const size = ['--size', '128', '--slices', '96', '--views', '8', '--steps', '2', '--cg', '3'];
    const whole = await bench(...size);
    const { seconds, memory } = whole;
    expect(whole).toMatchObject({ shape: [96, 128, 128], views: 8, steps: 2, prior: 'gaussian' });
    const parts = seconds.network + seconds.projector + seconds.vectors + seconds.other;
    expect(parts).toBeCloseTo(seconds.total, 2);
    for (const part of ['network', 'projector', 'vectors', 'other'] as const) expect(seconds[part]).toBeGreaterThan(0);
    expect(memory.allocations.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(memory.planned);
    // Eight volumes of 6 MiB, the network's batch and the measurement.
    expect(memory.planned).toBeGreaterThan(8 * 6 * mib);
    // Beyond the plan: compiled code, rays, and garbage not yet collected.
    expect(memory.peak - memory.before).toBeLessThan(memory.planned + 150 * mib);
    expect(whole.nmse).toBeGreaterThan(0);

    const tiled = await bench(...size, '--max-mib', '36');
    expect(tiled.memory.slabSlices).toBeLessThan(96);
    expect(tiled.memory.planned).toBeLessThanOrEqual(36 * mib);
  }, 120_000);

  test('a wrong option is refused by name', async () => {
    const wrong = await tangent(['bench', 'volume', '--slices', 'many']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/--slices/) });
  }, 60_000);
});
