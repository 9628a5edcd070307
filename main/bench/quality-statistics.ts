/** Means, standard errors and paired gains over slices, and the bars a reconstruction must clear. */
import { mean, variance } from '../../engine/arrays/statistics.ts';
import { EngineError } from '../../engine/errors.ts';
import type { QualityMetrics } from '../../engine/recon/result.ts';

export interface Estimate {
  mean: number;
  /** Standard error of the mean, s/√n with the sample standard deviation s; null below two values. */
  standardError: number | null;
}

export function estimate(values: readonly number[]): Estimate {
  const standardError = values.length < 2 ? null : Math.sqrt(variance(Float64Array.from(values), 1) / values.length);
  return { mean: mean(Float64Array.from(values)), standardError };
}

export function summary(bySlice: readonly QualityMetrics[]): Record<keyof QualityMetrics, Estimate> {
  return {
    psnr: estimate(bySlice.map((m) => m.psnr)),
    ssim: estimate(bySlice.map((m) => m.ssim)),
    nmse: estimate(bySlice.map((m) => m.nmse)),
  };
}

/** PSNR of `ours` minus that of `other` on the same slices, dB: the mean and the standard error of the differences. */
export function pairedGain(ours: readonly QualityMetrics[], other: readonly QualityMetrics[]): Estimate {
  if (ours.length !== other.length)
    throw new EngineError('internal', `paired gain of ${ours.length} against ${other.length} slices`);
  return estimate(ours.map(({ psnr }, i) => psnr - other[i].psnr));
}

/** What must be at least how large. */
export interface Bar {
  /** For example "dds over cg-sense". */
  what: string;
  least: number;
}

export interface JudgedBar extends Bar {
  /** Null where it was not measured. */
  found: Estimate | null;
  pass: boolean | null;
}

export function judge(bar: Bar, found: Estimate | null): JudgedBar {
  return { ...bar, found, pass: found === null ? null : found.mean >= bar.least };
}
