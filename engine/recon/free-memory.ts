/** How much memory a reconstruction may plan with when the user sets no limit. */
import { freemem, totalmem } from 'node:os';

/** Left for the rest of the program, the caches of the system and other programs. */
const margin = 0.15;
const leastMargin = 256 * 2 ** 20;

/**
 * Bytes free now, less a margin: of the computer, or of the container's limit where that is tighter. Files cached by the
 * system count as free.
 */
export function freeMemory(): number {
  const limit = process.constrainedMemory();
  const contained = limit > 0 && limit < totalmem() ? limit - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
  const free = Math.min(freemem(), contained);
  return Math.max(0, free - Math.max(leastMargin, margin * free));
}
