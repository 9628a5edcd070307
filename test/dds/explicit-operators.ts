/** Small operators with known algebra, for tests. */
import type { LinearOperator } from '../../engine/linear/operator.ts';
import type { TypedSpace } from '../../engine/linear/typed-space.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';

/** A = I on a space. */
export function identityOperator(space: TypedSpace): LinearOperator<Float32Array> {
  const pass = (x: Float32Array, out = space.zeros()) => {
    out.set(x);
    return out;
  };
  return { name: 'identity', domain: space, range: space, apply: pass, adjoint: pass, normal: pass };
}

/** A real matrix, rows × columns in C order, acting on images of the given space. */
export function matrixOperator(matrix: Float64Array, rows: number, domain: TypedSpace): LinearOperator<Float32Array> {
  const columns = domain.length;
  const range = realSpace([rows]);
  return {
    name: `matrix ${rows} x ${columns}`,
    domain,
    range,
    apply(x, out = range.zeros()) {
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += matrix[r * columns + c] * x[c];
        out[r] = sum;
      }
      return out;
    },
    adjoint(y, out = domain.zeros()) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += matrix[r * columns + c] * y[r];
        out[c] = sum;
      }
      return out;
    },
  };
}
