/** The memory of an evaluation by hand, and through an opened prior. */
import { describe, expect, test } from 'vitest';
import { describeNetwork } from '../../engine/prior/architectures/architecture.ts';
import { evaluationNumbers } from '../../engine/prior/evaluation-memory.ts';
import { loadPrior } from '../../engine/prior/registry.ts';

const network = (width: number) =>
  describeNetwork({ kind: 'film-resunet', channels: 1, width, mult: [1, 2], blocks: [1, 1], embedding: 8 });

describe('numbers per pixel', () => {
  test('the largest map of every resolution, and four of the largest', () => {
    // Full size: 8 channels. Half size: 32 before they are spread out to full size, a quarter of the pixels each.
    expect(evaluationNumbers(network(8))).toBe(8 + 32 / 4 + 4 * 8);
  });
  test('grow with the width', () => {
    expect(evaluationNumbers(network(16))).toBe(2 * evaluationNumbers(network(8)));
  });
});

test('a shipped prior grows with its batch where it takes one, and with the image', async () => {
  const prior = await loadPrior('brain-mri', { threads: 1, graph: 'plain' });
  try {
    const bytes = (batch: number, size: number) => Number(prior.memoryBytes?.({ batch, height: size, width: size }));
    const one = bytes(1, 320);
    expect(bytes(2, 320) - one).toBe(bytes(3, 320) - bytes(2, 320));
    // 73 MiB per image were measured.
    expect((bytes(2, 320) - one) / 2 ** 20).toBeGreaterThan(50);
    expect((bytes(2, 320) - one) / 2 ** 20).toBeLessThan(100);
    expect(bytes(1, 160)).toBeLessThan(one);
  } finally {
    await prior.dispose();
  }
});
