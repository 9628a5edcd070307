/**
 * The two layouts of one image. Operators: complex interleaved (re, im), or real, [y, x]. Network: planes [channel, y, x]
 * with channels re, im, or one. Complex ↔ channels is a pure re-ordering of the same numbers.
 */

/** image ← planes. */
export function planesToImage(planes: Float32Array, image: Float32Array, complex: boolean): void {
  if (!complex) {
    image.set(planes);
    return;
  }
  const pixels = planes.length / 2;
  for (let i = 0; i < pixels; i++) {
    image[2 * i] = planes[i];
    image[2 * i + 1] = planes[pixels + i];
  }
}

/** planes ← image. */
export function imageToPlanes(image: Float32Array, planes: Float32Array, complex: boolean): void {
  if (!complex) {
    planes.set(image);
    return;
  }
  const pixels = image.length / 2;
  for (let i = 0; i < pixels; i++) {
    planes[i] = image[2 * i];
    planes[pixels + i] = image[2 * i + 1];
  }
}

/** out ← factor·|image|, [y, x]. */
export function magnitude(image: Float32Array, out: Float32Array, complex: boolean, factor = 1): void {
  if (complex) for (let i = 0; i < out.length; i++) out[i] = factor * Math.hypot(image[2 * i], image[2 * i + 1]);
  else for (let i = 0; i < out.length; i++) out[i] = factor * Math.abs(image[i]);
}
