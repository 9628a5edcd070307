/**
 * Does a result explain its data? The residual A x̂ − y is compared with the noise, whole and in parts (coils and k-space
 * rings, or views). With noise σ_y per real component, m measured real values and an image that is right, ‖A x̂ − y‖ is at
 * most about σ_y√m: a ratio far above 1 means the image contradicts the data, far below 1 that it reproduces the noise.
 */
import { check } from '../errors.ts';

export interface ConsistencyPart {
  /** "all", "coil 3", "centre", "middle", "edge", "view 12". */
  part: string;
  /** Measured real values. */
  measured: number;
  /** ‖y‖² over the part. */
  energy: number;
  /** ‖A x̂ − y‖/‖y‖ over the part. */
  residual: number;
  /** σ_y√m/‖y‖ over the part; null when the noise is unknown. */
  expected: number | null;
}

export type ConsistencyVerdict = 'consistent' | 'contradicts' | 'overfits' | 'unknown-noise';

export interface ConsistencyReport {
  verdict: ConsistencyVerdict;
  /** One sentence with the numbers behind the verdict. */
  message: string;
  all: ConsistencyPart;
  parts: ConsistencyPart[];
}

/** Ratio of residual to expected noise above which a result contradicts its data, as a whole and in its worst part. */
const worstWhole = 1.5;
const worstPart = 2.5;
/** Ratio below which noise was reproduced instead of suppressed. */
const leastRatio = 0.3;
/** Relative residual that is wrong whatever the noise. */
const worstRelative = 0.2;
/** Parts with fewer values than this are shown but not judged: chance alone moves their ratio by more than a tenth. */
const leastValues = 50;

/** Which part(s) the sample at an index of the measurement belongs to; index counts real numbers. */
type PartOf = (index: number) => readonly string[];

/**
 * Complex k-space [coil, ky, kx] of `predicted` = A x̂ and `measurement` = y. Rings by distance from the centre relative
 * to the half width of the grid: centre < 1/8 ≤ middle < 1/2 ≤ edge.
 */
export function kspaceConsistency(
  predicted: Float32Array,
  measurement: Float32Array,
  shape: readonly [coils: number, ky: number, kx: number],
  sigmaY: number,
): ConsistencyReport {
  const [coils, height, width] = shape;
  check(
    measurement.length === 2 * coils * height * width,
    () => `k-space [${shape}] holds ${measurement.length} numbers`,
    {
      code: 'mismatch',
      path: 'kspace',
    },
  );
  const plane = height * width;
  return report(predicted, measurement, sigmaY, (index) => {
    const location = (index >> 1) % plane;
    return [
      `coil ${Math.floor((index >> 1) / plane)}`,
      ringOf(Math.floor(location / width), location % width, height, width),
    ];
  });
}

/** Sinogram [view, detector]. */
export function sinogramConsistency(
  predicted: Float32Array,
  measurement: Float32Array,
  detectors: number,
  sigmaY: number,
): ConsistencyReport {
  return report(predicted, measurement, sigmaY, (index) => [`view ${Math.floor(index / detectors)}`]);
}

/** Reports of several slices as one: energies and squared residuals add part by part. */
export function mergeConsistency(reports: readonly ConsistencyReport[]): ConsistencyReport {
  const merge = (parts: readonly ConsistencyPart[]): ConsistencyPart => {
    const size = (part: ConsistencyPart) => (part.energy > 0 ? part.energy : 1);
    const energy = parts.reduce((sum, part) => sum + part.energy, 0);
    const total = energy > 0 ? energy : parts.length;
    const quadratic = (value: (part: ConsistencyPart) => number) =>
      Math.sqrt(parts.reduce((sum, part) => sum + value(part) ** 2 * size(part), 0) / total);
    return {
      part: parts[0].part,
      measured: parts.reduce((sum, part) => sum + part.measured, 0),
      energy,
      residual: quadratic((part) => part.residual),
      expected: parts.some((part) => part.expected === null) ? null : quadratic((part) => part.expected ?? 0),
    };
  };
  const names = [...new Set(reports.flatMap((report) => report.parts.map(({ part }) => part)))];
  const all = merge(reports.map((report) => report.all));
  const parts = names.map((name) =>
    merge(reports.flatMap((report) => report.parts.filter(({ part }) => part === name))),
  );
  return { ...judge(all, parts), all, parts };
}

function ringOf(row: number, column: number, height: number, width: number): string {
  const radius = Math.hypot(
    (row - Math.floor(height / 2)) / (height / 2),
    (column - Math.floor(width / 2)) / (width / 2),
  );
  if (radius < 1 / 8) return 'centre';
  return radius < 1 / 2 ? 'middle' : 'edge';
}

interface Sums {
  residual: number;
  energy: number;
  measured: number;
}

function report(predicted: Float32Array, measurement: Float32Array, sigmaY: number, partOf: PartOf): ConsistencyReport {
  check(
    predicted.length === measurement.length,
    () => `prediction has ${predicted.length} numbers, measurement ${measurement.length}`,
    { code: 'mismatch', path: 'measurement' },
  );
  const whole: Sums = { residual: 0, energy: 0, measured: 0 };
  const sums = new Map<string, Sums>();
  for (let i = 0; i < measurement.length; i++) {
    if (measurement[i] === 0) continue;
    const squared = (predicted[i] - measurement[i]) ** 2;
    for (const part of partOf(i)) {
      let sum = sums.get(part);
      if (sum === undefined) sums.set(part, (sum = { residual: 0, energy: 0, measured: 0 }));
      add(sum, squared, measurement[i]);
    }
    add(whole, squared, measurement[i]);
  }
  const all = summarise('all', whole, sigmaY);
  const parts = [...sums].map(([part, sum]) => summarise(part, sum, sigmaY));
  return { ...judge(all, parts), all, parts };
}

function add(sum: Sums, squared: number, value: number): void {
  sum.residual += squared;
  sum.energy += value * value;
  sum.measured++;
}

function summarise(part: string, { residual, energy, measured }: Sums, sigmaY: number): ConsistencyPart {
  const size = energy > 0 ? Math.sqrt(energy) : 1;
  return {
    part,
    measured,
    energy,
    residual: Math.sqrt(residual) / size,
    expected: sigmaY > 0 ? (sigmaY * Math.sqrt(measured)) / size : null,
  };
}

function judge(
  all: ConsistencyPart,
  parts: readonly ConsistencyPart[],
): { verdict: ConsistencyVerdict; message: string } {
  const percent = (value: number) => `${(100 * value).toPrecision(3)} %`;
  if (all.expected === null) {
    if (all.residual > worstRelative)
      return {
        verdict: 'contradicts',
        message: `the result leaves ${percent(all.residual)} of the data unexplained; the noise level is unknown`,
      };
    return {
      verdict: 'unknown-noise',
      message: `the result leaves ${percent(all.residual)} of the data unexplained; without a noise level this cannot be judged`,
    };
  }
  const ratio = all.residual / all.expected;
  const judged = parts.filter(({ measured }) => measured >= leastValues);
  const ratioOf = (part: ConsistencyPart) => (part.expected ? part.residual / part.expected : 0);
  const worst = judged.reduce((a, b) => (ratioOf(b) > ratioOf(a) ? b : a), judged[0] ?? all);
  const numbers = `residual ${percent(all.residual)}, expected from noise ${percent(all.expected)}`;
  if (ratio > worstWhole)
    return {
      verdict: 'contradicts',
      message: `the result does not explain its data: ${numbers} (${ratio.toFixed(2)} times)`,
    };
  if (ratioOf(worst) > worstPart)
    return {
      verdict: 'contradicts',
      message: `the result does not explain ${worst.part}: ${ratioOf(worst).toFixed(2)} times the noise there`,
    };
  if (ratio < leastRatio)
    return { verdict: 'overfits', message: `the result reproduces the noise: ${numbers} (${ratio.toFixed(2)} times)` };
  return { verdict: 'consistent', message: `the result explains its data: ${numbers}` };
}
