/**
 * The record of a training, log.csv: step, seconds, loss (running mean), lr, then the denoising PSNR of the averaged
 * weights on the held-out images per noise level. The same columns as models/training/train.py writes.
 */
import { z } from 'zod';
import type { LevelError } from './trainer.ts';

export const logRowSchema = z.strictObject({
  step: z.int().min(0),
  seconds: z.number().min(0),
  /** Running mean of the batch loss, 0.98 old + 0.02 new; null before the first step. */
  loss: z.number().nullable(),
  lr: z.number().nullable(),
  /** Mean validation loss over the levels; not a column of log.csv. */
  validation: z.number(),
  /** dB per level. */
  psnr: z.array(z.number()),
});
export type LogRow = z.infer<typeof logRowSchema>;

/** Denoising PSNR, dB, peak 1: −10 log₁₀ of the mean over images and pixels of |x̂₀ − x₀|², summed over channels. */
export function denoisingPsnr(mse: number, channels: number): number {
  return -10 * Math.log10(channels * mse);
}

/** Mean over the levels of the training loss. */
export function meanLoss(errors: readonly LevelError[]): number {
  return errors.reduce((sum, { loss }) => sum + loss, 0) / errors.length;
}

/** 1 → "1.0", 0.05 → "0.05": how Python prints a float of this size. */
const levelName = (sigma: number) => (Number.isInteger(sigma) ? sigma.toFixed(1) : String(sigma));

/** 4e-4 → "4.00e-04", as Python prints it. */
const scientific = (x: number) => x.toExponential(2).replace(/e([+-])(\d)$/, 'e$10$2');

export function logColumns(levels: readonly number[]): string[] {
  return ['step', 'seconds', 'loss', 'lr', ...levels.map((sigma) => `psnr_${levelName(sigma)}`)];
}

/** The text of log.csv, lines ended by CR LF as Python's csv module does. */
export function logCsv(levels: readonly number[], rows: readonly LogRow[]): string {
  const lines = rows.map((row) =>
    [
      row.step,
      Math.round(row.seconds),
      row.loss === null ? '' : row.loss.toFixed(5),
      row.lr === null ? '' : scientific(row.lr),
      ...row.psnr.map((dB) => dB.toFixed(2)),
    ].join(','),
  );
  return [logColumns(levels).join(','), ...lines, ''].join('\r\n');
}
