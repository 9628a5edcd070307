/**
 * Weights between the file's layout (PyTorch's: [out, in, …kernel]) and TensorFlow.js' ([…kernel, in, out]). Tensors of
 * one axis stay as they are. Both ways only move numbers, so a round trip keeps every bit.
 */

export function libraryShape(shape: readonly number[]): number[] {
  const [outputs, inputs, ...kernel] = shape;
  return shape.length < 2 ? [...shape] : [...kernel, inputs, outputs];
}

/** [a, b, c] → [c, b, a] */
function reversed(data: Float32Array, a: number, b: number, c: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) out[(k * b + j) * a + i] = data[(i * b + j) * c + k];
  return out;
}

/** `shape` is the file's. */
export function toLibrary(data: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length < 2) return data;
  const [outputs, inputs] = shape;
  return reversed(data, outputs, inputs, data.length / (outputs * inputs));
}

/** `shape` is the file's. */
export function fromLibrary(data: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length < 2) return data;
  const [outputs, inputs] = shape;
  return reversed(data, data.length / (outputs * inputs), inputs, outputs);
}
