/**
 * X-ray transform of a circular cone beam on a flat panel, with its exact adjoint. x: [slices, y, x]; A x: [views, rows,
 * detectors]; A = √(π/(2V)) · R,
 *
 *   (R x)[v, r, j] = √(1 + τ²) Σ_t x(X(v,j,t), Y(v,j,t), z(t)),   z(t) = z₀ + τ·(t + R₀ cos γ_j)
 *
 * interpolated trilinearly at unit steps of the ray's projection onto the source's plane, where it is a fan-beam ray
 * (ray-table.ts); τ is its climb per step, R₀ the source's distance. All rows of a panel column share that projection: the
 * volume is first interpolated in the plane at each step for all heights (the curtain), then every row takes its line through the
 * curtain. The adjoint spreads lines into the curtain, and the curtain into the volume, with the same weights.
 */
import { check } from '../../errors.ts';
import { realSpace } from '../../linear/typed-space.ts';
import type { ConeBeamGeometry } from './cone-geometry.ts';
import { fanAngle } from './fan-geometry.ts';
import type { CtProjector } from './projector.ts';
import { longestRay, padding, rayWords, writeRays } from './ray-table.ts';

const largestArray = 2 ** 31 - 1;

/** One column of the panel as seen through the volume. */
interface Column {
  samples: number;
  /** Cell of each sample in the padded plane, times the padded height, and its fractions. */
  readonly cells: Int32Array;
  readonly right: Float32Array;
  readonly down: Float32Array;
  /** Distance from the source in the plane at the first sample; steps are 1. */
  distance: number;
}

/** Throws `resource` when volume or projections cannot be held in one array. */
export function coneProjector(
  geometry: ConeBeamGeometry,
  slices: number,
): CtProjector & { readonly geometry: ConeBeamGeometry } {
  check(Number.isSafeInteger(slices) && slices > 0, () => `number of slices is ${slices}, expected a positive integer`);
  const { size: n, anglesDeg, detectors, rows } = geometry;
  const views = anglesDeg.length;
  const side = n + 2 * padding;
  // One slice of zeros below, two above: a cell may begin at the topmost.
  const height = slices + 3;
  check(
    Math.max(side * side * height, views * rows * detectors) <= largestArray,
    () => `${slices} slices of ${n}×${n} pixels and ${views}×${rows}×${detectors} rays exceed ${largestArray} elements`,
    { code: 'resource', hint: 'Reconstruct at a coarser pixel, or fewer slices.' },
  );
  const frame = { size: n, centre: geometry.imageCentre };
  const scaling = Math.sqrt(Math.PI / (2 * views));
  const domain = realSpace([slices, n, n]);
  const range = realSpace([views, rows, detectors]);
  const rays = new Float32Array(detectors * rayWords);
  const counts = new Int32Array(rays.buffer);
  const list = longestRay(frame) + 1;
  const column: Column = {
    samples: 0,
    cells: new Int32Array(list),
    right: new Float32Array(list),
    down: new Float32Array(list),
    distance: 0,
  };
  const curtain = new Float32Array(list * height);
  let volume: Float32Array | undefined;

  /** Climb in slices per unit step of each panel row of column j, from the plane of the source. */
  const climb = (r: number, j: number): number =>
    ((r - geometry.rowCentre) * geometry.rowSpacing) /
    Math.hypot(geometry.sourceDetector, (j - geometry.detectorCentre) * geometry.detectorSpacing);

  function trace(j: number): Column {
    const at = j * rayWords;
    const [x0, y0, dx, dy] = rays.subarray(at, at + 4);
    const origin = geometry.imageCentre + padding;
    column.samples = counts[at + 4] / 4;
    column.distance = (x0 - origin) * dx + (y0 - origin) * dy + geometry.sourceOrigin * Math.cos(fanAngle(geometry, j));
    for (let k = 0; k < column.samples; k++) {
      const x = x0 + k * dx;
      const y = y0 + k * dy;
      const left = Math.floor(x);
      const upper = Math.floor(y);
      column.cells[k] = (upper * side + left) * height;
      column.right[k] = x - left;
      column.down[k] = y - upper;
    }
    return column;
  }

  function gatherCurtain({ samples, cells, right, down }: Column, image: Float32Array): void {
    const below = side * height;
    for (let k = 0, to = 0; k < samples; k++) {
      const lowerRight = right[k] * down[k];
      const upperRight = right[k] - lowerRight;
      const lowerLeft = down[k] - lowerRight;
      const upperLeft = 1 - right[k] - lowerLeft;
      for (let z = 0, at = cells[k]; z < height; z++, at++, to++)
        curtain[to] =
          upperLeft * image[at] +
          upperRight * image[at + height] +
          lowerLeft * image[at + below] +
          lowerRight * image[at + below + height];
    }
  }

  function scatterCurtain({ samples, cells, right, down }: Column, sums: Float32Array): void {
    const below = side * height;
    for (let k = 0, from = 0; k < samples; k++) {
      const lowerRight = right[k] * down[k];
      const upperRight = right[k] - lowerRight;
      const lowerLeft = down[k] - lowerRight;
      const upperLeft = 1 - right[k] - lowerLeft;
      for (let z = 0, at = cells[k]; z < height; z++, at++, from++) {
        const value = curtain[from];
        sums[at] += upperLeft * value;
        sums[at + height] += upperRight * value;
        sums[at + below] += lowerLeft * value;
        sums[at + below + height] += lowerRight * value;
      }
    }
  }

  /** Height in the curtain at the first sample, its step, and the samples at which it lies between the zero slices. */
  const line = { start: 0, step: 0, from: 0, to: 0, length: 1 };
  function lineOf(r: number, j: number, { samples, distance }: Column): typeof line {
    const slope = climb(r, j);
    line.length = Math.sqrt(1 + slope * slope);
    line.step = slope / geometry.sliceSpacing;
    // Slice k lies at curtain height k + 1.
    line.start = 1 + (slices - 1) / 2 + line.step * distance;
    line.from = 0;
    line.to = samples;
    if (line.step === 0) return line;
    const a = -line.start / line.step;
    const b = (slices + 1 - line.start) / line.step;
    line.from = Math.max(0, Math.ceil(Math.min(a, b)));
    line.to = Math.min(samples, Math.floor(Math.max(a, b)) + 1);
    return line;
  }

  function gatherRow(r: number, j: number, seen: Column): number {
    const { start, step, from, to, length } = lineOf(r, j, seen);
    let sum = 0;
    for (let k = from; k < to; k++) {
      const z = start + k * step;
      const cell = z | 0;
      const at = k * height + cell;
      const value = curtain[at];
      sum += value + (z - cell) * (curtain[at + 1] - value);
    }
    return length * sum;
  }

  function scatterRow(r: number, j: number, seen: Column, value: number): void {
    const { start, step, from, to, length } = lineOf(r, j, seen);
    const weighted = value * length;
    for (let k = from; k < to; k++) {
      const z = start + k * step;
      const cell = z | 0;
      const at = k * height + cell;
      const upper = (z - cell) * weighted;
      curtain[at] += weighted - upper;
      curtain[at + 1] += upper;
    }
  }

  /** The volume with its heights fastest and zeros all round; kept between calls. */
  function padded(): Float32Array {
    volume ??= new Float32Array(side * side * height);
    return volume.fill(0);
  }

  const place = (y: number, x: number): number => ((y + padding) * side + x + padding) * height + 1;

  function eachView(work: (view: number) => void): void {
    for (let v = 0; v < views; v++) {
      writeRays({ ...geometry, kind: 'fan' }, frame, anglesDeg[v], [0, detectors], rays, counts);
      work(v);
    }
  }

  function apply(x: Float32Array, out = range.zeros()): Float32Array {
    requireLength(x, domain.length, 'image');
    const image = padded();
    for (let k = 0, from = 0; k < slices; k++)
      for (let y = 0; y < n; y++) for (let i = 0; i < n; i++, from++) image[place(y, i) + k] = x[from];
    eachView((v) => {
      for (let j = 0; j < detectors; j++) {
        const seen = trace(j);
        gatherCurtain(seen, image);
        for (let r = 0; r < rows; r++) out[(v * rows + r) * detectors + j] = scaling * gatherRow(r, j, seen);
      }
    });
    return out;
  }

  function adjoint(y: Float32Array, out = domain.zeros()): Float32Array {
    requireLength(y, range.length, 'sinogram');
    const sums = padded();
    eachView((v) => {
      for (let j = 0; j < detectors; j++) {
        const seen = trace(j);
        curtain.fill(0, 0, seen.samples * height);
        for (let r = 0; r < rows; r++) scatterRow(r, j, seen, y[(v * rows + r) * detectors + j]);
        scatterCurtain(seen, sums);
      }
    });
    for (let k = 0, to = 0; k < slices; k++)
      for (let row = 0; row < n; row++) for (let i = 0; i < n; i++, to++) out[to] = scaling * sums[place(row, i) + k];
    return out;
  }

  return {
    name: `cone-beam projection ${slices}×${n}×${n}, ${views} views`,
    domain,
    range,
    geometry,
    slices,
    scaling,
    apply,
    adjoint,
    normal: (x, out) => adjoint(apply(x), out),
    dispose() {},
  };
}

function requireLength(values: Float32Array, expected: number, path: string): void {
  check(values.length === expected, () => `${path} has ${values.length} elements, the projector expects ${expected}`, {
    code: 'mismatch',
    path,
  });
}
