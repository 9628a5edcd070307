/**
 * Simultaneous iterative reconstruction with ordered subsets. The views are dealt into B subsets of every B-th view; one
 * iteration goes through all of them, in golden-section order so that consecutive ones differ much in angle:
 *
 *   x ← P₊(x + α C_b A_bᵀ R_b (y_b − A_b x)),    R_b = 1/(A_b 1),   C_b = 1/(A_bᵀ 1)
 *
 * from x = 0, reciprocals of zero taken as zero. With B = 1, 0 < α < 2 and without P₊ this converges to a minimiser of
 * ‖y − Ax‖²_R (M. Jiang, G. Wang, IEEE Trans. Med. Imaging 22 (2003) 569–579); subsets gain a factor of about B in the
 * first iterations and end in a small cycle around it. P. Gilbert, J. Theor. Biol. 36 (1972) 105–117; subsets:
 * H. M. Hudson, R. S. Larkin, IEEE Trans. Med. Imaging 13 (1994) 601–609. Memory: two volumes, one per subset, and three
 * sinograms.
 */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { checkpoint } from '../../context.ts';
import { check } from '../../errors.ts';
import type { CtData } from '../../physics/ct/ct-data.ts';
import { type CtProjector, createProjector } from '../../physics/ct/projector.ts';
import type { CtMethod } from '../method.ts';
import { clampNegative, largestMagnitude, requireShape } from '../open-ct.ts';
import { viewSubset } from '../view-subset.ts';

const parameters = z.strictObject({
  iterations: z.int().min(1).max(10_000).default(50).describe('passes over all views'),
  subsets: z.int().min(1).max(1000).default(8).describe('parts the views are dealt into, of two views at least'),
  relaxation: z.number().gt(0).lt(2).default(1).describe('length α of each step'),
  nonNegative: z.boolean().default(true).describe('attenuation below zero is set to zero in every step'),
});

export const sirtCt: CtMethod<z.infer<typeof parameters>> = {
  id: 'sirt',
  title: 'SIRT',
  summary: 'Corrects the image by what each part of the views still misses: smooth, slow, robust.',
  parameters,
  tuning: { iterations: [5, 10, 20, 40, 80, 160] },
  async run(data, { iterations, subsets, relaxation, nonNegative }, context, watch) {
    largestMagnitude(data.sinogram.data, 'the sinogram');
    const most = Math.max(1, Math.floor(data.geometry.anglesDeg.length / 2));
    const parts = openSubsets(data, Math.min(subsets, most), context.threads);
    try {
      const space = parts[0].projector.domain;
      const x = space.zeros();
      const step = space.zeros();
      for (let k = 1; k <= iterations; k++) {
        await checkpoint(context);
        for (const { projector, measured, rayWeights, pixelWeights, difference } of parts) {
          projector.apply(x, difference);
          for (let i = 0; i < difference.length; i++) difference[i] = rayWeights[i] * (measured[i] - difference[i]);
          projector.adjoint(difference, step);
          for (let i = 0; i < x.length; i++) x[i] += relaxation * pixelWeights[i] * step[i];
          if (nonNegative) clampNegative(x);
        }
        watch?.(k, x);
        context.progress({ fraction: k / iterations, stage: 'sirt', step: { index: k, count: iterations } });
      }
      return ndarray('float32', space.shape, x);
    } finally {
      for (const { projector } of parts) projector.dispose();
    }
  },
};

interface Subset {
  projector: CtProjector;
  /** y_b, scaled. */
  measured: Float32Array;
  /** R_b */
  rayWeights: Float32Array;
  /** C_b */
  pixelWeights: Float32Array;
  /** Scratch in the size of y_b. */
  difference: Float32Array;
}

function openSubsets(data: CtData, count: number, threads: number): Subset[] {
  const views = data.geometry.anglesDeg.length;
  return goldenOrder(count).map((first) => {
    const part = viewSubset(data, everyNth(first, count, views));
    const projector = createProjector(part.geometry, data.slices, { threads });
    requireShape(part.sinogram.shape, projector);
    const { domain, range } = projector;
    return {
      projector,
      measured: range.scale(projector.scaling, part.sinogram.data.slice()),
      rayWeights: reciprocals(projector.apply(domain.zeros().fill(1))),
      pixelWeights: reciprocals(projector.adjoint(range.zeros().fill(1))),
      difference: range.zeros(),
    };
  });
}

function everyNth(first: number, step: number, end: number): number[] {
  const indices: number[] = [];
  for (let v = first; v < end; v += step) indices.push(v);
  return indices;
}

/** A weight below this share of the largest is of a ray or pixel that is only grazed; its reciprocal would be noise. */
const leastShare = 1e-3;

function reciprocals(sums: Float32Array): Float32Array {
  let largest = 0;
  for (const value of sums) if (value > largest) largest = value;
  check(largest > 0, () => 'no ray of a part of the views meets the image', { path: 'geometry' });
  return sums.map((value) => (value > leastShare * largest ? 1 / value : 0));
}

/** 0 … n − 1 in the order of the fractional parts of k·0.618…, so that neighbours in the order lie far apart. */
export function goldenOrder(n: number): number[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  const left = Array.from({ length: n }, (_, i) => i);
  const order: number[] = [];
  for (let k = 0; left.length > 0; k++) {
    const wanted = ((k * golden) % 1) * n;
    let best = 0;
    for (let i = 1; i < left.length; i++) if (distance(left[i], wanted, n) < distance(left[best], wanted, n)) best = i;
    order.push(...left.splice(best, 1));
  }
  return order;
}

/** Round the circle of n: the first and last view of a half turn are neighbours. */
function distance(a: number, b: number, n: number): number {
  const d = Math.abs(a - b) % n;
  return Math.min(d, n - d);
}
