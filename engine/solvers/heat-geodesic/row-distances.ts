/** Euclidean distances between the rows of a matrix, from differences: near rows keep their digits. */
import { checkpoint, type RunContext } from '../../context.ts';

const rowBlock = 48;

/** [count, count] for rows [count, width]. */
export async function rowDistances(
  rows: Float64Array,
  count: number,
  width: number,
  context: RunContext,
): Promise<Float64Array> {
  const out = new Float64Array(count * count);
  let done = 0;
  for (let i0 = 0; i0 < count; i0 += rowBlock)
    for (let j0 = 0; j0 <= i0; j0 += rowBlock) {
      const [i1, j1] = [Math.min(count, i0 + rowBlock), Math.min(count, j0 + rowBlock)];
      for (let i = i0; i < i1; i++)
        for (let j = j0; j < Math.min(j1, i); j++) {
          const distance = between(rows, i * width, j * width, width);
          out[i * count + j] = distance;
          out[j * count + i] = distance;
        }
      done += rowBlock * rowBlock * width;
      if (done < 3e7) continue;
      done = 0;
      await checkpoint(context);
    }
  return out;
}

function between(rows: Float64Array, p: number, q: number, width: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let c = 0;
  for (; c + 3 < width; c += 4) {
    const d0 = rows[p + c] - rows[q + c];
    const d1 = rows[p + c + 1] - rows[q + c + 1];
    const d2 = rows[p + c + 2] - rows[q + c + 2];
    const d3 = rows[p + c + 3] - rows[q + c + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; c < width; c++) s0 += (rows[p + c] - rows[q + c]) ** 2;
  return Math.sqrt(s0 + s1 + (s2 + s3));
}
