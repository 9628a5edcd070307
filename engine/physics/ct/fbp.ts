/**
 * Filtered back-projection for parallel beams, slice by slice: line integrals p [views, detectors] → image [y, x].
 *
 *   q[v, i] = (1/spacing) Σ_k h[i − k] p[v, k],   h[0] = 1/4, h[odd k] = −1/(πk)², h[even k] = 0
 *   x(X, Y) = Δθ Σ_v q(v, centre + (X cos θ_v − Y sin θ_v)/spacing)        linear interpolation, zero outside
 *
 * h is the band-limited ramp's spatial kernel (Kak & Slaney, Principles of Computerized Tomographic Imaging, 1988,
 * equation 3.61); convolving with it directly equals the zero-padded Fourier filter. Δθ = π/V for views spread
 * uniformly over 180° or a multiple of it. A shorter arc is weighted by its own step: a preview, since the missing
 * views are missing. Non-uniform views are not corrected for.
 */
import { check, EngineError } from '../../errors.ts';
import type { ParallelBeamGeometry } from './geometry.ts';
import type { CtGeometry } from './projector.ts';

/** q[v, ·]: ramp-filtered views, unit detector pitch. Sums in float64. */
export function rampFilter(sinogram: Float32Array, views: number, detectors: number): Float32Array {
  check(
    sinogram.length === views * detectors,
    () => `sinogram has ${sinogram.length} elements, expected ${views}×${detectors}`,
    {
      code: 'mismatch',
      path: 'sinogram',
    },
  );
  const kernel = new Float64Array(detectors);
  for (let k = 1; k < detectors; k += 2) kernel[k] = -1 / (Math.PI * k) ** 2;
  const filtered = new Float32Array(sinogram.length);
  const line = new Float64Array(detectors);
  for (let v = 0; v < views; v++) {
    const offset = v * detectors;
    for (let i = 0; i < detectors; i++) line[i] = sinogram[offset + i];
    for (let i = 0; i < detectors; i++) {
      let sum = line[i] / 4;
      for (let k = (i + 1) & 1; k < i; k += 2) sum += kernel[i - k] * line[k];
      for (let k = i + 1; k < detectors; k += 2) sum += kernel[k - i] * line[k];
      filtered[offset + i] = sum;
    }
  }
  return filtered;
}

/** Angular step in radians that the views stand for. */
function angularStep(anglesDeg: Float64Array): number {
  const views = anglesDeg.length;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const angle of anglesDeg) {
    if (angle < low) low = angle;
    if (angle > high) high = angle;
  }
  const full = Math.PI / views;
  if (views === 1) return full;
  return Math.min(full, (((high - low) / (views - 1)) * Math.PI) / 180);
}

/**
 * Images [slices, y, x] from sinograms [slices, views, detectors]. Throws `mismatch` when the sinogram is not of whole slices
 * of the geometry.
 */
export function fbp(sinogram: Float32Array, geometry: CtGeometry): Float32Array {
  if (geometry.kind !== 'parallel')
    throw new EngineError('unsupported', `no filtered back-projection of a ${geometry.kind} beam`);
  const plane = geometry.anglesDeg.length * geometry.detectors;
  const slices = Math.max(1, Math.round(sinogram.length / plane));
  const pixels = geometry.size ** 2;
  const out = new Float32Array(slices * pixels);
  for (let z = 0; z < slices; z++)
    out.set(
      fbpSlice(sinogram.subarray(z * plane, z === slices - 1 ? undefined : (z + 1) * plane), geometry),
      z * pixels,
    );
  return out;
}

/** Image n×n. Throws `mismatch` when the sinogram is not [views, detectors] of the geometry. */
function fbpSlice(sinogram: Float32Array, geometry: ParallelBeamGeometry): Float32Array {
  const { size: n, anglesDeg, detectors, detectorCentre, detectorSpacing } = geometry;
  const views = anglesDeg.length;
  const filtered = rampFilter(sinogram, views, detectors);
  const centre = Math.floor(n / 2);
  const sums = new Float64Array(n * n);
  for (let v = 0; v < views; v++) {
    const theta = (anglesDeg[v] * Math.PI) / 180;
    const cosine = Math.cos(theta) / detectorSpacing;
    const sine = Math.sin(theta) / detectorSpacing;
    const offset = v * detectors;
    for (let y = 0; y < n; y++) {
      const origin = detectorCentre - (y - centre) * sine - centre * cosine;
      for (let x = 0; x < n; x++) {
        const position = origin + x * cosine;
        const cell = Math.floor(position);
        if (cell < -1 || cell >= detectors) continue;
        const fraction = position - cell;
        const left = cell >= 0 ? filtered[offset + cell] : 0;
        const right = cell + 1 < detectors ? filtered[offset + cell + 1] : 0;
        sums[y * n + x] += left + fraction * (right - left);
      }
    }
  }
  const factor = angularStep(anglesDeg) / detectorSpacing;
  return Float32Array.from(sums, (sum) => factor * sum);
}
