/**
 * Pixel-driven back-projection of filtered views, linear interpolation on the detector, zero beyond it. With (X, Y) the pixel
 * from the rotation centre, Y down, l = X cos θ − Y sin θ across and d = R + X sin θ + Y cos θ away from the source:
 *
 *   parallel:     x = Σ_v q(v, l)
 *   fan, flat:    x = Σ_v (R/d)² q(v, (l/d)·sourceDetector)
 *   fan, curved:  x = Σ_v 1/(l² + d²) · q(v, atan(l/d)·sourceDetector)
 *   cone:         x = Σ_v (R/d)² q(v, (l/d)·sourceDetector, (z/d)·sourceDetector)
 *
 * Weights of the views and of the beam's rays are in q already (fbp.ts). A pixel's place on the detector serves all slices.
 */
import type { ConeBeamGeometry } from './cone-geometry.ts';
import { type CtGeometry, rotationCentre, type SliceGeometry } from './ct-geometry.ts';

const block = 8;

/** For each pixel of one view: detector cell and fraction (cell −2 where it sees no element), weight; all [y, x]. */
function places(geometry: CtGeometry, view: number, cells: Int32Array, fractions: Float32Array, weights: Float32Array) {
  const { size, anglesDeg, detectors, detectorCentre, detectorSpacing } = geometry;
  const theta = (anglesDeg[view] * Math.PI) / 180;
  const cosine = Math.cos(theta);
  const sine = Math.sin(theta);
  const centre = rotationCentre(geometry);
  const parallel = geometry.kind === 'parallel';
  const curved = geometry.kind === 'fan' && geometry.detector === 'curved';
  const source = parallel ? 0 : geometry.sourceOrigin;
  const scale = parallel ? 1 / detectorSpacing : geometry.sourceDetector / detectorSpacing;
  for (let y = 0, at = 0; y < size; y++)
    for (let x = 0; x < size; x++, at++) {
      let across = (x - centre) * cosine - (y - centre) * sine;
      let weight = 1;
      if (!parallel) {
        const depth = source + (x - centre) * sine + (y - centre) * cosine;
        weight = curved ? 1 / (across * across + depth * depth) : (source / depth) ** 2;
        across = curved ? Math.atan(across / depth) : across / depth;
      }
      const position = detectorCentre + scale * across;
      const cell = Math.floor(position);
      const seen = cell >= -1 && cell < detectors;
      cells[at] = seen ? cell : -2;
      fractions[at] = position - cell;
      weights[at] = weight;
    }
}

/** Images [slices, y, x] from filtered sinograms [slices, views, detectors]. */
export function backProjectSlices(filtered: Float32Array, geometry: SliceGeometry, slices: number): Float32Array {
  const { size, detectors, anglesDeg } = geometry;
  const views = anglesDeg.length;
  const pixels = size * size;
  const out = new Float32Array(slices * pixels);
  const cells = new Int32Array(pixels);
  const fractions = new Float32Array(pixels);
  const weights = new Float32Array(pixels);
  const width = Math.min(block, slices);
  const sums = new Float64Array(width * pixels);
  // One element of zeros before and after the detector; slices fastest.
  const line = new Float32Array(width * (detectors + 2));
  for (let from = 0; from < slices; from += width) {
    const count = Math.min(width, slices - from);
    sums.fill(0);
    for (let v = 0; v < views; v++) {
      places(geometry, v, cells, fractions, weights);
      for (let b = 0; b < count; b++) {
        const row = ((from + b) * views + v) * detectors;
        for (let j = 0; j < detectors; j++) line[(j + 1) * width + b] = filtered[row + j];
      }
      for (let p = 0; p < pixels; p++) {
        if (cells[p] === -2) continue;
        const left = (cells[p] + 1) * width;
        const right = weights[p] * fractions[p];
        const other = weights[p] - right;
        const to = p * width;
        for (let b = 0; b < count; b++) sums[to + b] += other * line[left + b] + right * line[left + width + b];
      }
    }
    for (let b = 0; b < count; b++)
      for (let p = 0, to = (from + b) * pixels; p < pixels; p++, to++) out[to] = sums[p * width + b];
  }
  return out;
}

/** Volume [slices, y, x] from filtered views [views, rows, detectors]. */
export function backProjectCone(filtered: Float32Array, geometry: ConeBeamGeometry, slices: number): Float32Array {
  const { size, detectors, anglesDeg, rows, rowCentre, rowSpacing, sliceSpacing, sourceDetector } = geometry;
  const pixels = size * size;
  const out = new Float32Array(slices * pixels);
  const cells = new Int32Array(pixels);
  const fractions = new Float32Array(pixels);
  const weights = new Float32Array(pixels);
  // Rows along the fastest axis, one zero row and element all round.
  const high = rows + 2;
  const panel = new Float32Array((detectors + 2) * high);
  const tilt = (sliceSpacing * sourceDetector) / rowSpacing;
  for (let v = 0; v < anglesDeg.length; v++) {
    places(geometry, v, cells, fractions, weights);
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < detectors; j++) panel[(j + 1) * high + r + 1] = filtered[(v * rows + r) * detectors + j];
    for (let p = 0; p < pixels; p++) {
      if (cells[p] === -2) continue;
      const right = weights[p] * fractions[p];
      const other = weights[p] - right;
      const column = (cells[p] + 1) * high;
      const step = (tilt * Math.sqrt(weights[p])) / geometry.sourceOrigin;
      for (let k = 0, to = p; k < slices; k++, to += pixels) {
        const position = rowCentre + (k - (slices - 1) / 2) * step;
        const row = Math.floor(position);
        if (row < -1 || row >= rows) continue;
        const fraction = position - row;
        const at = column + row + 1;
        const lower = other * panel[at] + right * panel[at + high];
        const upper = other * panel[at + 1] + right * panel[at + high + 1];
        out[to] += lower + fraction * (upper - lower);
      }
    }
  }
  return out;
}
