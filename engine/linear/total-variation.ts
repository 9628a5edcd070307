/**
 * Isotropic total variation of an image [y, x], TV(x) = Σ_pixels √(|D_y x|² + |D_x x|²), with forward differences that
 * are 0 at the last row and column (Neumann) and complex moduli for complex images. The gradient D stacks the two
 * differences as planes, ‖D‖² ≤ 8. Rudin, Osher, Fatemi, Physica D 60 (1992) 259–268, discretised as by Chambolle (2004).
 */
import { finiteDifference } from './finite-difference.ts';
import type { LinearOperator } from './operator.ts';
import { complexSpace, realSpace, type TypedSpace } from './typed-space.ts';

export type Field = 'real' | 'complex';

export interface ImageGradient extends LinearOperator<Float32Array, Float32Array> {
  readonly domain: TypedSpace;
  readonly range: TypedSpace;
}

/** Gradient of an image [rows, columns]: range is [2, rows, columns], plane 0 along y, plane 1 along x; Neumann. */
export function imageGradient(rows: number, columns: number, field: Field = 'complex'): ImageGradient {
  const spaceOf = field === 'real' ? realSpace : complexSpace;
  const domain = spaceOf([rows, columns]);
  const range = spaceOf([2, rows, columns]);
  const dtype = field === 'real' ? 'float32' : 'complex64';
  const alongY = finiteDifference([rows, columns], 0, 'neumann', dtype);
  const alongX = finiteDifference([rows, columns], 1, 'neumann', dtype);
  const plane = domain.length;
  const scratch = domain.zeros();
  const add = (out: Float32Array): Float32Array => {
    for (let i = 0; i < plane; i++) out[i] += scratch[i];
    return out;
  };
  return {
    name: `gradient of ${rows}×${columns}`,
    domain,
    range,
    apply(x, out = range.zeros()) {
      alongY.apply(x, out.subarray(0, plane));
      alongX.apply(x, out.subarray(plane));
      return out;
    },
    adjoint(w, out = domain.zeros()) {
      alongX.adjoint(w.subarray(plane), scratch);
      return add(alongY.adjoint(w.subarray(0, plane), out));
    },
    normal(x, out = domain.zeros()) {
      alongX.normal(x, scratch);
      return add(alongY.normal(x, out));
    },
  };
}

/** Isotropic TV of an image [rows, columns], summed in float64. */
export function totalVariation(x: Float32Array, rows: number, columns: number, field: Field = 'complex'): number {
  const width = field === 'real' ? 1 : 2;
  let total = 0;
  for (let y = 0; y < rows; y++)
    for (let c = 0; c < columns; c++) {
      let energy = 0;
      for (let part = 0; part < width; part++) {
        const i = (y * columns + c) * width + part;
        const down = y + 1 < rows ? x[i + columns * width] - x[i] : 0;
        const right = c + 1 < columns ? x[i + width] - x[i] : 0;
        energy += down * down + right * right;
      }
      total += Math.sqrt(energy);
    }
  return total;
}
