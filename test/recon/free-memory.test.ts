import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { freeMemory } from '../../engine/recon/free-memory.ts';

test('memory to plan with is part of what the computer has', () => {
  const bytes = freeMemory();
  expect(bytes).toBeGreaterThanOrEqual(0);
  expect(bytes).toBeLessThanOrEqual(0.85 * totalmem());
});
