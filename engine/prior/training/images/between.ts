/** Uniform in [low, high]. */
import type { Random } from '../../../arrays/random.ts';

export function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random.uniform();
}
