/** Element-wise arithmetic and layout of complex float32 arrays, interleaved (re, im). `out` may be an input. */
import { check } from '../errors.ts';

/** |x|: n complex → n real. */
export function magnitude(x: Float32Array, out = new Float32Array(x.length / 2)): Float32Array {
  for (let i = 0; i < out.length; i++) {
    const re = x[2 * i];
    const im = x[2 * i + 1];
    out[i] = Math.sqrt(re * re + im * im);
  }
  return out;
}

/** arg x in (−π, π]. */
export function phase(x: Float32Array, out = new Float32Array(x.length / 2)): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = Math.atan2(x[2 * i + 1], x[2 * i]);
  return out;
}

/** a · b. */
export function multiply(a: Float32Array, b: Float32Array, out = new Float32Array(a.length)): Float32Array {
  checkPair(a, b);
  for (let i = 0; i < a.length; i += 2) {
    const re = a[i] * b[i] - a[i + 1] * b[i + 1];
    out[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
    out[i] = re;
  }
  return out;
}

/** conj(a) · b. */
export function conjMultiply(a: Float32Array, b: Float32Array, out = new Float32Array(a.length)): Float32Array {
  checkPair(a, b);
  for (let i = 0; i < a.length; i += 2) {
    const re = a[i] * b[i] + a[i + 1] * b[i + 1];
    out[i + 1] = a[i] * b[i + 1] - a[i + 1] * b[i];
    out[i] = re;
  }
  return out;
}

function checkPair(a: Float32Array, b: Float32Array): void {
  check(a.length === b.length, () => `complex product of ${a.length / 2} and ${b.length / 2} numbers`, {
    code: 'mismatch',
  });
}

/** Interleaved [h, w] → network layout [2, h, w] (Re plane, Im plane). `out` must not be `x`. */
export function interleavedToPlanes(x: Float32Array, out = new Float32Array(x.length)): Float32Array {
  const n = x.length / 2;
  for (let i = 0; i < n; i++) {
    out[i] = x[2 * i];
    out[n + i] = x[2 * i + 1];
  }
  return out;
}

/** Network layout [2, h, w] → interleaved [h, w]. `out` must not be `planes`. */
export function planesToInterleaved(planes: Float32Array, out = new Float32Array(planes.length)): Float32Array {
  const n = planes.length / 2;
  for (let i = 0; i < n; i++) {
    out[2 * i] = planes[i];
    out[2 * i + 1] = planes[n + i];
  }
  return out;
}

/**
 * Crops or zero-pads the last two axes so that centre index floor(n/2) goes to floor(m/2). Real or complex data, told
 * apart by length. `centreResize` from [.., h, w] to [.., H, W] and back are exact adjoints of each other.
 * Errors: `mismatch` when data does not fit the shape.
 */
export function centreResize(
  data: Float32Array,
  shape: readonly number[],
  size: readonly [h: number, w: number],
): Float32Array {
  check(shape.length >= 2, () => `centre crop needs at least two axes, found [${shape}]`, { code: 'mismatch' });
  const [h, w] = shape.slice(-2);
  const [newH, newW] = size;
  let batch = 1;
  for (const s of shape.slice(0, -2)) batch *= s;
  const c = batch * h * w === 0 ? 2 : data.length / (batch * h * w);
  check(c === 1 || c === 2, () => `array [${shape}] cannot hold ${data.length} numbers`, { code: 'mismatch' });
  check(newH >= 0 && newW >= 0 && Number.isInteger(newH) && Number.isInteger(newW), () => `bad size [${size}]`);
  const out = new Float32Array(c * batch * newH * newW);
  const rows = Math.min(h, newH);
  const columns = Math.min(w, newW);
  const fromY = Math.max(0, Math.floor(h / 2) - Math.floor(newH / 2));
  const fromX = Math.max(0, Math.floor(w / 2) - Math.floor(newW / 2));
  const toY = Math.max(0, Math.floor(newH / 2) - Math.floor(h / 2));
  const toX = Math.max(0, Math.floor(newW / 2) - Math.floor(w / 2));
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < rows; i++) {
      const from = c * ((b * h + fromY + i) * w + fromX);
      out.set(data.subarray(from, from + c * columns), c * ((b * newH + toY + i) * newW + toX));
    }
  return out;
}

/** The middle [h, w] of the last two axes; `mismatch` when it is larger than the array. */
export function centreCrop(
  data: Float32Array,
  shape: readonly number[],
  size: readonly [h: number, w: number],
): Float32Array {
  const [h, w] = shape.slice(-2);
  check(size[0] <= h && size[1] <= w, () => `cannot crop [${h}, ${w}] to the larger [${size}]`, { code: 'mismatch' });
  return centreResize(data, shape, size);
}

/** Zeros around the last two axes up to [h, w]; the adjoint of `centreCrop`. */
export function zeroPad(
  data: Float32Array,
  shape: readonly number[],
  size: readonly [h: number, w: number],
): Float32Array {
  const [h, w] = shape.slice(-2);
  check(size[0] >= h && size[1] >= w, () => `cannot pad [${h}, ${w}] to the smaller [${size}]`, { code: 'mismatch' });
  return centreResize(data, shape, size);
}
