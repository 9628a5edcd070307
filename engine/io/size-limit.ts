/** Largest amounts a header may claim. Real clinical scans stay well below; a claim above is a corrupt or hostile file. */
import { EngineError } from '../errors.ts';

const GIB = 2 ** 30;

/** One array or file held in memory. */
export const MAX_ARRAY_BYTES = 16 * GIB;
/** One member inflated from a compressed container. */
export const MAX_INFLATED_BYTES = 4 * GIB;

/**
 * Bytes of an array with these sizes, or an EngineError when a size is not a count or the product passes `limit`.
 * Nothing is allocated. The product is formed in float64, so it cannot wrap.
 */
export function claimedBytes(
  shape: readonly number[],
  itemBytes: number,
  options: { path?: string | undefined; field?: string; limit?: number } = {},
): number {
  const { path, field = 'array', limit = MAX_ARRAY_BYTES } = options;
  const where = path === undefined ? {} : { path };
  let total = itemBytes;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new EngineError('bad-input', `${field} has size ${size} in [${shape}], expected a count`, where);
    total *= size;
  }
  // An axis of size 0 must not hide an absurd one beside it.
  const nonZero = shape.reduce((product, size) => product * Math.max(1, size), itemBytes);
  if (nonZero > limit)
    throw new EngineError(
      'bad-input',
      `${field} claims ${nonZero === Number.POSITIVE_INFINITY ? 'infinitely many' : nonZero} bytes for [${shape}], at most ${limit} are accepted`,
      { ...where, hint: 'The header is corrupt, or the scan must be split into smaller files.' },
    );
  return total;
}
