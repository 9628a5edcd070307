/** Which points become nodes of the graph. */
import type { RunContext } from '../../context.ts';
import type { Problem, Warnings } from './inputs.ts';
import { farthestPoints } from './point-set.ts';

/**
 * All points; with a spacing, or when there are more than `maxNodes`, farthest-point samples from point 0. Observed points are
 * kept in any case, even when they alone are more than `maxNodes`. Ascending.
 */
export async function chooseNodes(
  { points, diameter, observed }: Pick<Problem, 'points' | 'diameter' | 'observed'>,
  { spacing, maxNodes }: { spacing: number; maxNodes: number },
  warnings: Warnings,
  context: RunContext,
): Promise<Uint32Array> {
  if (spacing === 0 && points.count <= maxNodes) return Uint32Array.from({ length: points.count }, (_, i) => i);
  const kept = new Set(observed.index);
  let full = false;
  const enough = (next: number) => {
    full = kept.size >= maxNodes && !kept.has(next);
    if (!full) kept.add(next);
    return full;
  };
  await farthestPoints(points, spacing * diameter, enough, context);
  if (full)
    warnings.push({
      code: 'sampled',
      message: `${points.count} points were sampled to ${kept.size} nodes; the others follow their nearest nodes`,
      value: kept.size,
    });
  return Uint32Array.from(kept).sort();
}
