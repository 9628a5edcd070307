import { expect, test } from 'vitest';
import { ctPriorWarnings } from '../../engine/recon/ct-prior-warnings.ts';

const pair = (low: number, high: number): [number, number] => [low, high];
const card = {
  ...{ id: 'ct', pixelMm: pair(0.8, 4) },
  scale: { rule: 'none' as const, quantile: 0.99, window: pair(-1000, 1500) },
};
const codes = (pixelMm: number | undefined, waterKnown: boolean) =>
  ctPriorWarnings(card, { pixelMm, waterKnown }).map(({ code }) => code);

test('a body scan in known units is what the prior was made for', () => {
  expect(codes(1.5, true)).toEqual([]);
});

test('a tooth in unknown units is not, and the widths are named', () => {
  expect(codes(0.02, false)).toEqual(['prior-unit', 'prior-pixel']);
  expect(codes(undefined, false)).toEqual(['prior-unit', 'prior-pixel']);
  const [, pixel] = ctPriorWarnings(card, { pixelMm: 0.148_32, waterKnown: false });
  expect(pixel.message).toMatch(/0\.148 mm wide.*0\.8 to 4 mm/);
  expect(pixel.value).toBeCloseTo(0.148_32);
});

test('a prior that states neither window nor pixels warns of neither', () => {
  const { window: _, ...scale } = card.scale;
  expect(ctPriorWarnings({ id: 'x', scale }, { pixelMm: 9, waterKnown: false })).toEqual([]);
});
