import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import { presets } from '../../engine/dds/presets.ts';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import type { NetworkDescription } from '../../engine/prior/graph.ts';
import { openCeiling } from '../../main/bench/cost-ceiling.ts';
import { startClock, timePrior } from '../../main/bench/cost-clock.ts';
import { networkFlops } from '../../main/bench/cost-flops.ts';
import { benchCost, type CostReport, costParts } from '../../main/bench/cost-run.ts';
import { formatCost } from '../../main/bench/cost-table.ts';

describe('operations of a network', () => {
  test('of one convolution are 2 k² inputs outputs per output pixel', () => {
    const conv = (stride: 1 | 2, kernel: 2 | 3, padding: 0 | 1): NetworkDescription => ({
      ...{ inputs: 3, outputs: 5, multiple: 1 },
      build: (g, x) => g.conv2d(x, { name: 'c', inputs: 3, outputs: 5, kernel, stride, padding }),
    });
    expect(networkFlops(conv(1, 3, 1), 8, 10)).toBe(2 * 9 * 3 * 5 * 80);
    expect(networkFlops(conv(2, 2, 0), 8, 10)).toBe(2 * 4 * 3 * 5 * 20);
  });

  test('of a small U-Net agree with a count by hand', () => {
    const network = filmResUNet({
      kind: 'film-resunet',
      channels: 2,
      width: 4,
      mult: [1, 2],
      blocks: [1, 1],
      embedding: 8,
    });
    const [h, w] = [16, 12];
    const pixels = h * w;
    const ends = 2 * (2 * 9 * 2 * 4 * pixels);
    const upperStages = 2 * 2 * (2 * 9 * 4 * 4 * pixels);
    const middle = 2 * (2 * 9 * 8 * 8 * (pixels / 4));
    const down = 2 * 4 * 4 * 8 * (pixels / 4);
    const up = 2 * 8 * 16 * (pixels / 4);
    const linear = 2 * (8 * 8 + 8 * 8 + 2 * 8 * 8 + 8 * 16);
    expect(networkFlops(network, h, w)).toBe(ends + upperStages + middle + down + up + linear);
  });
});

test('a timed prior returns what the prior returns and counts evaluations', async () => {
  const prior = gaussianPrior({ channels: 2, spectrum: 1 });
  const { prior: timed, spent } = timePrior(prior, startClock());
  const x = Float32Array.from({ length: 2 * 2 * 16 }, (_, i) => Math.sin(i));
  const shape = { batch: 2, height: 4, width: 4 };
  const level = { t: 100, alphaBar: 0.5 };
  const plain = await prior.predictNoise(x, shape, level);
  expect((await timed.predictNoise(x, shape, level)).noise).toEqual(plain.noise);
  expect(spent.evaluations).toBe(2);
  expect(spent.network.wall).toBeGreaterThan(0);
  expect({ ...timed, predictNoise: null }).toEqual({ ...prior, predictNoise: null });
});

test('the convolutions of the ceiling run, and their operations are those of the chain', async () => {
  const ceiling = await openCeiling({ channels: 4, size: 16, layers: 3, threads: 1 });
  expect(ceiling.flops).toBe(3 * 2 * 9 * 4 * 4 * 256);
  expect((await ceiling.measure()).wall).toBeGreaterThan(0);
  await ceiling.dispose();
});

describe('the report', () => {
  const measure = (network?: NetworkDescription): Promise<CostReport> =>
    benchCost(
      {
        ...{ size: 48, coils: 4, runs: 2, steps: 3, seed: 0 },
        ceiling: { channels: 4, size: 16, layers: 1 },
        loadPrior: async () => gaussianPrior({ channels: 2, spectrum: 1 }),
        ...(network ? { network } : {}),
      },
      quietContext(),
    );

  test('adds up: parts to the total, network and the rest to one', async () => {
    const network = filmResUNet({
      kind: 'film-resunet',
      channels: 2,
      width: 4,
      mult: [1, 2],
      blocks: [1, 1],
      embedding: 8,
    });
    const report = await measure(network);
    expect(report.evaluations).toBe(3 * (presets.quality.samples ?? 1));
    for (const kind of ['cpu', 'wall'] as const) {
      const sum = costParts.reduce((total, part) => total + report.parts[part][kind], 0);
      expect(report.total[kind]).toBeCloseTo(sum, 12);
      expect(report.other[kind]).toBeCloseTo(1 - report.parts.network[kind] / report.total[kind], 12);
    }
    expect(report.other.pass).toBe(report.other.cpu <= 0.15);
    expect(report.network?.flops).toBe(report.evaluations * networkFlops(network, 48, 48));
    expect(report.network?.wall).toBeCloseTo((report.network?.flops ?? 0) / report.parts.network.wall, 3);
    const text = formatCost(report);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const part of costParts) expect(text).toContain(part);
  });

  test('leaves the network’s speed open where its operations are not known', async () => {
    const report = await measure();
    expect(report.network).toBeNull();
    expect(report.efficiency).toBeNull();
    expect(formatCost(report)).toContain('not known');
  });
});
