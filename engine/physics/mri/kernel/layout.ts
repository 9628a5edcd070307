/**
 * Where the SENSE kernel keeps its arrays in WebAssembly memory.
 *
 * "Blocked" arrays hold four image lines side by side: [line/4][position][4 re, 4 im], so that every instruction works
 * on four independent transforms. The lines are image rows, except for row masks, where image and maps are stored
 * transposed and the lines are image columns. An image smaller than the k-space grid lies in the grid's corner: AᴴA is a
 * circular convolution, so its place does not matter, and lines of zeros are never stored.
 */
import { ELEMENT } from './butterfly.ts';
import type { FftPlan } from './fft-plan.ts';

export type KernelPath = 'columns' | 'rows' | 'grid';

export interface KernelSizes {
  path: KernelPath;
  coils: number;
  /** Image rows and columns. */
  height: number;
  width: number;
  /** Rows and columns of the k-space grid. */
  gridHeight: number;
  gridWidth: number;
  threads: number;
}

const up = (value: number, unit: number) => Math.ceil(value / unit) * unit;
const PAGE = 65536;
/** Scratch per thread besides whole lines: prime butterflies need 121 elements. */
const PRIME_SCRATCH = 128 * ELEMENT;

export interface Layout {
  /** Transform length along a line, and number of blocks of four lines. */
  length: number;
  blocks: number;
  /** Blocks of four positions for the transform across lines (`grid` only), and its length. */
  groups: number;
  across: number;
  /** Row stride of `input` and `output`, bytes: interleaved image, zeros up to the grid and to a multiple of four. */
  imageStride: number;
  /** Byte strides of one block of four lines. */
  blockStride: number;
  workStride: number;
  workCoilStride: number;
  /** Coils that have a work array at the same time. */
  workCoils: number;
  addresses: {
    control: number;
    input: number;
    output: number;
    maps: number;
    image: number;
    sum: number;
    work: number;
    mask: number;
    tables: number;
    scratch: number;
  };
  /** Private per thread: primes, one line, sum of one line, image line. */
  scratchStride: number;
  scratchLine: number;
  scratchSum: number;
  scratchImage: number;
  pages: number;
}

export function layoutOf(sizes: KernelSizes, tableBytes: number): Layout {
  const { path, coils, height, width, gridHeight, gridWidth, threads } = sizes;
  const transposed = path === 'rows';
  const length = transposed ? gridHeight : gridWidth;
  const lines = transposed ? width : height;
  const blocks = Math.ceil(lines / 4);
  const across = path === 'grid' ? gridHeight : 0;
  const groups = path === 'grid' ? Math.ceil(gridWidth / 4) : 0;
  const imageStride = up(transposed ? width : gridWidth, 4) * 8;
  const imageBytes = up(transposed ? gridHeight : height, 4) * imageStride;
  const blockStride = up(length, 4) * ELEMENT;
  // An odd number of cache lines per block keeps the transform across lines from hitting the same cache sets.
  const workStride = up(up(length, 4) * ELEMENT, 128) + 64;
  const workCoils = path === 'grid' ? (threads > 1 ? coils : 1) : 0;
  const workCoilStride = blocks * workStride;
  const lineBytes = up(Math.max(length, across, 4 * blocks) + 4, 4) * ELEMENT;
  const scratchStride = up(PRIME_SCRATCH + 3 * lineBytes, 128) + 64;
  const maskBytes = path === 'grid' ? groups * across * 16 : length * 4;

  let end = 0;
  const take = (bytes: number) => {
    const at = end;
    end = up(end + bytes, 64);
    return at;
  };
  const addresses = {
    control: take(256),
    tables: take(tableBytes),
    mask: take(maskBytes),
    scratch: take(threads * scratchStride),
    input: take(imageBytes),
    output: take(imageBytes),
    image: take(path === 'grid' ? blocks * blockStride : 0),
    sum: take(path === 'grid' ? blocks * blockStride : 0),
    work: take(workCoils * workCoilStride),
    maps: take(coils * blocks * blockStride),
  };
  return {
    length,
    blocks,
    groups,
    across,
    imageStride,
    blockStride,
    workStride,
    workCoilStride,
    workCoils,
    addresses,
    scratchStride,
    scratchLine: PRIME_SCRATCH,
    scratchSum: PRIME_SCRATCH + lineBytes,
    scratchImage: PRIME_SCRATCH + 2 * lineBytes,
    pages: Math.ceil(end / PAGE),
  };
}

/** Position of every frequency's centred index: fftshift of the plan's order. */
export function centredIndex(plan: FftPlan, position: number): number {
  return (plan.frequency[position] + Math.floor(plan.n / 2)) % plan.n;
}
