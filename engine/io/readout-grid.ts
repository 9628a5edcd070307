/**
 * Readouts placed on the Cartesian grid, repeated samples averaged, and the transforms that leave slices:
 *   sample i of a readout → kx = floor(X/2) + i − center_sample, line → ky = floor(Y/2) + step_1 − centre, likewise kz.
 * Reversed readouts are mirrored first, so that discard_pre, discard_post and center_sample count along +kx.
 */
import { fftAxis } from '../arrays/fft.ts';
import { EngineError } from '../errors.ts';
import { FLAGS, hasFlag, type Readout, type ReadoutHead } from './ismrmrd-head.ts';
import { claimedBytes } from './size-limit.ts';

export interface ReadoutGrid {
  images: number;
  coils: number;
  nz: number;
  ny: number;
  nx: number;
  /** complex64 [images, coils, kz, ky, kx], the mean of all samples at a place. */
  data: Float32Array;
  /** [images, kz, ky, kx], how many samples fell there. */
  counts: Uint32Array;
}

export interface GridSize {
  images: number;
  coils: number;
  /** [kz, ky, kx] */
  matrix: readonly [number, number, number];
  /** Line number of the k-space centre: [step_2, step_1]. */
  centres: readonly [number, number];
}

/** Cells of the grid per measured sample; beyond, the header does not belong to the data. */
const MAX_CELLS_PER_SAMPLE = 512;

export function gridReadouts(
  readouts: readonly Readout[],
  size: GridSize,
  imageOf: (head: ReadoutHead) => number | undefined,
  path?: string,
): ReadoutGrid {
  const where = path === undefined ? {} : { path };
  const { images, coils, matrix, centres } = size;
  const [nz, ny, nx] = matrix;
  const cells = images * nz * ny * nx;
  const samples = readouts.reduce((sum, { head }) => sum + head.numberOfSamples, 0);
  claimedBytes([images, coils, nz, ny, nx], 8, { path, field: 'the k-space matrix' });
  if (cells > samples * MAX_CELLS_PER_SAMPLE)
    throw new EngineError('bad-input', `a matrix of ${images} × [${matrix}] claimed for ${samples} samples`, where);
  const data = new Float32Array(2 * cells * coils);
  const counts = new Uint32Array(cells);
  const volume = nz * ny * nx;
  for (const { head, data: values } of readouts) {
    const { numberOfSamples: n, activeChannels } = head;
    if (activeChannels !== coils)
      throw new EngineError('mismatch', `a readout has ${activeChannels} channels, expected ${coils}`, where);
    const image = imageOf(head);
    if (image === undefined) continue;
    const ky = Math.floor(ny / 2) + head.step1 - centres[1];
    const kz = nz === 1 ? 0 : Math.floor(nz / 2) + head.step2 - centres[0];
    if (ky < 0 || ky >= ny || kz < 0 || kz >= nz)
      throw new EngineError(
        'bad-input',
        `line (${head.step1}, ${head.step2}) lies outside the matrix [${matrix}]`,
        where,
      );
    const from = head.discardPre;
    const to = n - head.discardPost;
    const shift = Math.floor(nx / 2) - head.centerSample;
    if (from >= to) continue;
    if (from + shift < 0 || to - 1 + shift >= nx)
      throw new EngineError(
        'bad-input',
        `samples ${from} to ${to - 1} around centre ${head.centerSample} lie outside a matrix of ${nx}`,
        where,
      );
    const reverse = hasFlag(head, FLAGS.reverse);
    const row = (kz * ny + ky) * nx + shift;
    for (let i = from; i < to; i++) counts[image * volume + row + i]++;
    for (let c = 0; c < coils; c++) {
      const target = 2 * ((image * coils + c) * volume + row);
      for (let i = from; i < to; i++) {
        const source = 2 * (c * n + (reverse ? n - 1 - i : i));
        data[target + 2 * i] += values[source];
        data[target + 2 * i + 1] += values[source + 1];
      }
    }
  }
  for (let cell = 0; cell < cells; cell++) {
    const count = counts[cell];
    if (count < 2) continue;
    const [image, at] = [Math.floor(cell / volume), cell % volume];
    for (let c = 0; c < coils; c++) {
      const target = 2 * ((image * coils + c) * volume + at);
      data[target] /= count;
      data[target + 1] /= count;
    }
  }
  return { images, coils, nz, ny, nx, data, counts };
}

/**
 * Removes readout oversampling: inverse transform along kx, central `width` columns, forward transform. Noise per sample
 * is unchanged (orthonormal transforms). A place of the new grid counts as measured when the nearest old one was; for
 * partial echoes everything else is set to 0 again. The grid given is used up: its memory serves the transform.
 */
export function cropReadout(grid: ReadoutGrid, width: number): ReadoutGrid {
  const { images, coils, nz, ny, nx } = grid;
  if (width >= nx) return grid;
  const rows = images * coils * nz * ny;
  const image = fftAxis(grid.data, [rows, nx], 1, 'inverse', grid.data);
  const cropped = new Float32Array(2 * rows * width);
  const start = Math.floor(nx / 2) - Math.floor(width / 2);
  for (let r = 0; r < rows; r++)
    cropped.set(image.subarray(2 * (r * nx + start), 2 * (r * nx + start + width)), 2 * r * width);
  const data = fftAxis(cropped, [rows, width], 1, 'forward', cropped);
  const lines = images * nz * ny;
  const counts = new Uint32Array(lines * width);
  for (let k = 0; k < width; k++) {
    const old = Math.floor(nx / 2) + Math.round(((k - Math.floor(width / 2)) * nx) / width);
    for (let l = 0; l < lines; l++) counts[l * width + k] = grid.counts[l * nx + Math.min(nx - 1, Math.max(0, old))];
  }
  const volume = nz * ny * width;
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] !== 0) continue;
    const [i, at] = [Math.floor(cell / volume), cell % volume];
    for (let c = 0; c < coils; c++)
      data.fill(0, 2 * ((i * coils + c) * volume + at), 2 * ((i * coils + c) * volume + at) + 2);
  }
  return { ...grid, nx: width, data, counts };
}

/** First place (image, ky, kx) that is measured in some but not all partitions. */
export function incompletePartition(grid: ReadoutGrid): number[] | undefined {
  const { images, nz, ny, nx, counts } = grid;
  const plane = ny * nx;
  for (let i = 0; i < images; i++)
    for (let at = 0; at < plane; at++) {
      let present = 0;
      for (let z = 0; z < nz; z++) if (counts[(i * nz + z) * plane + at] > 0) present++;
      if (present !== 0 && present !== nz) return [i, Math.floor(at / nx), at % nx];
    }
  return undefined;
}

export interface SliceStack {
  slices: number;
  coils: number;
  ny: number;
  nx: number;
  /** complex64 [slices, coils, ky, kx]. */
  data: Float32Array;
  /** [slices, ky, kx]; where partitions were averaged differently, the count with the same noise. */
  counts: Float32Array;
}

/** Inverse transform along kz, central `depth` partitions: [images, coils, kz, …] → slices [images × depth, coils, …]. Uses the grid up. */
export function transformPartitions(grid: ReadoutGrid, depth: number): SliceStack {
  const { images, coils, nz, ny, nx } = grid;
  const plane = ny * nx;
  const data = nz === 1 ? grid.data : fftAxis(grid.data, [images * coils, nz, plane], 1, 'inverse', grid.data);
  const start = Math.floor(nz / 2) - Math.floor(depth / 2);
  const result = nz === 1 ? data : new Float32Array(2 * images * depth * coils * plane);
  const counts = new Float32Array(images * depth * plane);
  for (let i = 0; i < images; i++) {
    for (let c = 0; nz > 1 && c < coils; c++)
      for (let z = 0; z < depth; z++) {
        const from = 2 * ((i * coils + c) * nz + start + z) * plane;
        result.set(data.subarray(from, from + 2 * plane), 2 * ((i * depth + z) * coils + c) * plane);
      }
    for (let at = 0; at < plane; at++) {
      // Noise variance of the transformed sample is the mean over kz of σ²/count.
      let inverse = 0;
      let present = 0;
      for (let z = 0; z < nz; z++) {
        const count = grid.counts[(i * nz + z) * plane + at];
        if (count === 0) continue;
        present++;
        inverse += 1 / count;
      }
      const count = present === 0 ? 0 : present / inverse;
      for (let z = 0; z < depth; z++) counts[(i * depth + z) * plane + at] = count;
    }
  }
  return { slices: images * depth, coils, ny, nx, data: result, counts };
}
