/** What the sampler is asked to solve: slices measured by linear operators, y = A x + n, n ~ N(0, σ_y² I). */
import { check } from '../errors.ts';
import type { LinearOperator } from '../linear/operator.ts';
import { realSpace } from '../linear/typed-space.ts';

/**
 * Solves one data-consistency problem exactly where A*A is diagonal in a basis with a fast transform:
 * argmin ½‖x − x̂0‖² + (γ/2)‖A x − y‖², γ = ∞ for the noiseless limit. Overwrites `image`.
 */
export type ClosedFormConsistency = (image: Float32Array, measurementScale: number, gamma: number) => void;

export interface DdsSlice {
  /** A from the image (complex interleaved or real, [y, x]) to the measurement. */
  readonly operator: LinearOperator<Float32Array, Float32Array>;
  /** y in the units of the data, already masked. */
  readonly measurement: Float32Array;
  /** Identity of the slice for random numbers, so that a slice keeps its draw when order or selection changes; default its position. */
  readonly index?: number;
  /** Number of measured real values; default: those of `measurement` that are not exactly zero. */
  readonly measured?: number;
  readonly closedForm?: ClosedFormConsistency;
  /** Image [y, x] from which the intensity scale is read; default 10 iterations of CG on A*A x = A*y. */
  readonly scaleReference?: Float32Array;
}

export interface DdsProblem {
  readonly slices: readonly DdsSlice[];
  readonly height: number;
  readonly width: number;
  /** Complex image (MRI, two network channels) or real (CT, one). */
  readonly complex: boolean;
  /** A over all slices [slices, y, x] at once, equal to the slices' operators; used where it is faster. */
  readonly volumeOperator?: LinearOperator<Float32Array, Float32Array>;
  /**
   * y of the volume as a whole, where rays cross several slices (cone beams). A is then `volumeOperator`, the slices are
   * solved together and made by `jointSlice`, without a measurement of their own.
   */
  readonly volumeMeasurement?: Float32Array;
  /** The same for the slices `first` … `first + count − 1`, for volumes that are tiled along z; default slice by slice. */
  readonly slabOperator?: (first: number, count: number) => LinearOperator<Float32Array, Float32Array>;
  /** Bytes the operators keep (ray caches, coil maps), for the memory plan; default 0. */
  readonly operatorBytes?: number;
  /** Noise per real component of a measured value, in the units of the data; used with `sigmaY=auto`. */
  readonly sigmaY?: number;
  /**
   * Image from which sampling starts when `tStart` is below 999, [slices, y, x] in the units of the data; default the
   * least-squares image after 10 CG iterations.
   */
  readonly warmStart?: Float32Array;
  /** Start noise x_T in the layout of the image, [slices, y, x] or [samples, slices, y, x]; replaces the seeded draw. */
  readonly init?: Float32Array;
}

/** A slice [height, width] of real values that is only measured together with the others. */
export function jointSlice(
  [height, width]: readonly [number, number],
  known: Pick<DdsSlice, 'index' | 'scaleReference'>,
): DdsSlice {
  const domain = realSpace([height, width]);
  const nothing = new Float32Array(0);
  const zero = (_x: Float32Array, out = domain.zeros()) => out.fill(0);
  const operator = { name: 'none', domain, range: realSpace([0]), apply: () => nothing, adjoint: zero, normal: zero };
  return { ...known, operator, measurement: nothing };
}

/** Numbers per image in the operator's layout. */
export function imageLength(problem: Pick<DdsProblem, 'height' | 'width' | 'complex'>): number {
  return problem.height * problem.width * (problem.complex ? 2 : 1);
}

/** Throws `mismatch` when sizes contradict each other and `bad-input` when a measurement is not finite. */
export function checkProblem(problem: DdsProblem, channels: number, samples: number): void {
  const { slices, height, width, complex, init, warmStart, volumeMeasurement, volumeOperator } = problem;
  check(slices.length > 0, () => 'there are no slices to reconstruct', { path: 'slices' });
  check(
    Number.isSafeInteger(height) && Number.isSafeInteger(width) && height > 0 && width > 0,
    () => `image size must be positive whole numbers, found ${height} x ${width}`,
    { path: 'image size' },
  );
  check(
    channels === (complex ? 2 : 1),
    () => `${complex ? 'complex' : 'real'} images need a prior of ${complex ? 2 : 1} channels, found ${channels}`,
    { code: 'mismatch', path: 'prior', hint: complex ? 'choose a prior for MRI' : 'choose a prior for CT' },
  );
  slices.forEach((slice, z) => {
    const bad = slice.measurement.findIndex((value) => !Number.isFinite(value));
    check(bad < 0, () => `slice ${z} holds ${slice.measurement[bad]} at number ${bad}, expected finite values`, {
      path: 'measurement',
    });
  });
  const wrong = volumeMeasurement?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  check(
    wrong < 0,
    () => `the measurement holds ${volumeMeasurement?.[wrong]} at number ${wrong}, expected finite values`,
    {
      path: 'measurement',
    },
  );
  check(volumeMeasurement === undefined || volumeOperator !== undefined, () => 'the volume has no operator', {
    code: 'internal',
    path: 'volumeOperator',
  });
  const volume = imageLength(problem) * slices.length;
  check(
    warmStart === undefined || warmStart.length === volume,
    () => `the start image must hold ${volume} numbers, found ${warmStart?.length}`,
    { code: 'mismatch', path: 'warmStart' },
  );
  if (init === undefined) return;
  check(
    init.length === volume || init.length === volume * samples,
    () => `init must hold ${volume} numbers${samples > 1 ? ` or ${volume * samples}` : ''}, found ${init.length}`,
    { code: 'mismatch', path: 'init' },
  );
}
