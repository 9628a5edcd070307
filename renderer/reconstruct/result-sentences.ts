/** What a result's figures mean, in one sentence each. */
import { dataFitVerdict } from '../app/data-fit.ts';
import type { ResultRecord } from './result-record.ts';

/** Four significant digits, without an exponent where a person would not write one. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** Residual against the noise level. */
export function dataFitSentence({ residual: { relative, expected } }: Pick<ResultRecord, 'residual'>): string {
  const far = `The image differs from its measured data by ${percent(relative)}`;
  if (expected === null || expected === 0)
    return `${far}. The noise level of the data is not known, so this can only be compared between methods.`;
  const verdict = dataFitVerdict(relative / expected);
  const noise = `, the noise alone by ${percent(expected)}`;
  if (verdict === 'more than the noise')
    return `${far}${noise}: more than the noise allows. Look at the image with care.`;
  if (verdict === 'less than the noise') return `${far}${noise}: less than the noise, so part of the noise was fitted.`;
  return `${far}${noise}: the image agrees with its data as well as the noise allows.`;
}

/** Parts of the data whose residual is more than twice the noise. */
export function consistencySentence({ consistency }: Pick<ResultRecord, 'consistency'>): string {
  const judged = consistency.filter(({ expected }) => expected !== null && expected > 0);
  if (judged.length === 0) return 'Without a noise level the parts can only be compared with one another.';
  const odd = judged.filter(({ residual, expected }) => residual > 2 * (expected ?? 0)).map(({ part }) => part);
  return odd.length === 0
    ? 'Every part of the data is explained within twice the noise.'
    : `More than twice the noise remains in: ${odd.join(', ')}.`;
}

/** `share`: mean share of the signal that the prior supplied. */
export function evidenceSentence(share: number, prior: string | null): string {
  const who = prior === null ? 'the prior' : `the prior ${prior}`;
  return `${percent(1 - share)} of this image’s signal was measured; ${percent(share)} was not determined by the data and was supplied by ${who}. A finding in a strongly tinted place needs a second look at other data.`;
}

export function uncertaintySentence(samples: number): string {
  const base = `Standard deviation over ${samples} samples: where they differ, the data leave room.`;
  return samples < 8 ? `${base} Below 8 samples it is indicative only.` : base;
}

/** What the calibration table comes to. */
export function calibrationSentence(rows: readonly { nominal: number; observed: number }[] | undefined): string {
  if (rows === undefined || rows.length === 0)
    return 'Without a reference the spread cannot be checked against true errors.';
  const gap = rows.reduce((sum, { nominal, observed }) => sum + observed - nominal, 0) / rows.length;
  if (gap < -0.05) return 'The stated spread is too narrow here: true errors are larger than it says.';
  if (gap > 0.05) return 'The stated spread is wider than the true errors.';
  return 'The stated spread agrees with the true errors.';
}

/** What a replay found. `equal`: every file has the same bytes. */
export function replaySentence(found: {
  equal: boolean;
  sameInput: boolean;
  files: readonly { name: string; equal: boolean }[];
}): string {
  if (found.equal) return `Replayed: all ${found.files.length} files have the same bytes. The hashes agree.`;
  const differing = found.files.filter(({ equal }) => !equal).map(({ name }) => name);
  const why = found.sameInput ? '' : ' The input is not the same any more.';
  return `Replayed: the hashes do not agree. Different: ${differing.slice(0, 6).join(', ')}${differing.length > 6 ? ' and more' : ''}.${why}`;
}

/** Number of samples a result was made of. */
export function samplesOf({ parameters }: Pick<ResultRecord, 'parameters'>): number {
  return typeof parameters.samples === 'number' ? parameters.samples : 1;
}
