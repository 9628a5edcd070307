/**
 * `tangent bench fit`: does the fit score of a prior tell held-out images of its kind from knees, phantoms, noise and
 * turned anatomy? Area under the curve per class, slice by slice; two numbers per slice: the score at the best turn
 * (for raw data, whose orientation nobody states) and the score at the stated turn (which counts a wrong orientation).
 */
import { parseArgs } from 'node:util';
import { EngineError } from '../../engine/errors.ts';
import { areaUnderCurve } from '../../engine/prior/fit/area-under-curve.ts';
import { percentileOf } from '../../engine/prior/fit/calibration.ts';
import { readFitFile } from '../../engine/prior/fit/fit-file.ts';
import { type FitModel, scoreSlice, statedScore } from '../../engine/prior/fit/fit-model.ts';
import { layoutFeatures } from '../../engine/prior/fit/layout-features.ts';
import { loadManifest } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import {
  type FitGroup,
  heldOutFiles,
  noiseGroups,
  openGroups,
  phantomGroups,
  reconstructions,
  turnedGroups,
} from './fit-classes.ts';

export const summary = 'Whether the fit score tells held-out heads from knees, phantoms, noise and turned anatomy.';

/** Least area under the curve. */
const bar = 0.95;

interface Scored {
  group: string;
  best: number;
  /** At the turn the file states. */
  stated: number;
}

export interface ClassResult {
  name: string;
  images: number;
  /** Area under the curve against all held-out images. */
  auc: number;
  /** Which of the two scores it was taken from. */
  score: 'best' | 'stated';
  pass: boolean;
  /** Median percentile among training-like slices, of `score`. */
  medianPercentile: number;
}

export interface FitReport {
  prior: string;
  heldOut: { name: string; images: number; medianPercentile: number; largestPercentile: number }[];
  classes: ClassResult[];
  bar: number;
  notRun: string[];
}

/** Options: --prior NAME, --data FOLDER, --brains FILE …, --knees FOLDER …, --planes (coronal and sagittal held-out slices too). */
export async function run(args: readonly string[], context: BenchContext): Promise<FitReport> {
  const options = parse(args);
  const { manifest, folder } = await loadManifest(options.prior);
  const fit = await readFitFile(manifest, folder);
  if (fit === undefined)
    throw new EngineError('bad-input', `prior ${manifest.id} has no fit model`, {
      path: folder,
      hint: 'Write one with: node models/training/fit.ts --data FOLDER --prior PRIOR_FOLDER',
    });
  const { model } = fit;
  const engine = {
    signal: context.signal,
    progress: () => {},
    log: () => {},
    device: await resolveDevice(context.device),
    threads: context.threads,
  };
  const score = (groups: readonly FitGroup[]) => groups.flatMap((group) => scoreGroup(model, group));

  const plain: FitGroup[] = [];
  for (const file of [...(await heldOutFiles(options.data)), ...options.brains])
    plain.push(...(await openGroups(file, options.planes)));
  const heldOut = score([...plain, ...(await reconstructions(plain, engine))]);

  const classes: ClassResult[] = [];
  const add = (name: string, groups: readonly FitGroup[], kind: 'best' | 'stated') => {
    const found = score(groups);
    const auc = areaUnderCurve(
      found.map((one) => one[kind]),
      heldOut.map((one) => one[kind]),
    );
    const quantiles = kind === 'best' || !model.orientation ? model.best : model.orientation.expected;
    const medianPercentile = percentileOf(quantiles, median(found.map((one) => one[kind])));
    classes.push({ name, images: found.length, auc, score: kind, pass: auc >= bar, medianPercentile });
  };
  const notRun: string[] = [];
  const knees: FitGroup[] = [];
  for (const folderOfKnees of options.knees) {
    const found = await openGroups(folderOfKnees, false);
    knees.push(...found);
    for (const group of found) add(`knees: ${group.name}`, [group], 'best');
  }
  if (knees.length > 0) add('knees, all', knees, 'best');
  else notRun.push('knees (none in the repository: give folders or files with --knees)');
  const phantoms = phantomGroups(context.seed);
  for (const group of phantoms) add(`phantom: ${group.name}`, [group], 'best');
  add('phantoms, all', phantoms, 'best');
  const noise = noiseGroups(context.seed);
  for (const group of noise) add(group.name, [group], 'best');
  add('noise, all', noise, 'best');
  add('all of these', [...knees, ...phantoms, ...noise], 'best');
  if (model.orientation) {
    add('held out, upside down', turnedGroups(plain, 2), 'stated');
    add('held out, turned by 90°', turnedGroups(plain, 1), 'stated');
  } else notRun.push('turned anatomy (the model knows no orientation)');

  const report: FitReport = {
    prior: manifest.id,
    heldOut: summarise(model, heldOut),
    classes,
    bar,
    notRun,
  };
  context.print(format(report));
  return report;
}

function scoreGroup(model: FitModel, { name, images }: FitGroup): Scored[] {
  return images.flatMap(({ data, height, width }) => {
    const { values, meaningful } = layoutFeatures(data, height, width);
    // An empty or constant image is refused before it is scored.
    if (!meaningful) return [];
    const slice = scoreSlice(model, values);
    const best = Math.min(...slice.byTurn.map((turn) => turn.score));
    return [{ group: name, best, stated: statedScore(slice, 0) }];
  });
}

function summarise(model: FitModel, scored: readonly Scored[]): FitReport['heldOut'] {
  return [...new Set(scored.map(({ group }) => group))].map((name) => {
    const own = scored.filter(({ group }) => group === name).map(({ best }) => best);
    return {
      name,
      images: own.length,
      medianPercentile: percentileOf(model.best, median(own)),
      largestPercentile: percentileOf(model.best, Math.max(...own)),
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function format({ prior, heldOut, classes, notRun }: FitReport): string {
  const share = (value: number) => value.toFixed(0);
  return [
    `Fit score of ${prior}, slice by slice`,
    '',
    table(
      ['held out', 'slices', 'median %', 'largest %'],
      heldOut.map((row) => [row.name, String(row.images), share(row.medianPercentile), share(row.largestPercentile)]),
    ),
    '',
    table(
      ['told from held-out heads', 'images', 'score at', 'median %', 'AUC', `bar ${bar}`],
      classes.map((row) => [
        row.name,
        String(row.images),
        `${row.score} turn`,
        share(row.medianPercentile),
        row.auc.toFixed(3),
        row.pass ? 'pass' : 'FAIL',
      ]),
    ),
    '',
    '%: share of held-out training-like slices with a smaller score. Left-right mirror images are not told apart.',
    ...notRun.map((what) => `Not run: ${what}.`),
  ].join('\n');
}

function parse(args: readonly string[]) {
  const many = { type: 'string', multiple: true } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        prior: { type: 'string' },
        data: { type: 'string' },
        brains: many,
        knees: many,
        planes: { type: 'boolean' },
      },
    });
    return {
      prior: values.prior ?? defaultMriPrior,
      data: values.data,
      brains: values.brains ?? [],
      knees: values.knees ?? [],
      planes: values.planes ?? false,
    };
  } catch (cause) {
    throw new EngineError('bad-usage', cause instanceof Error ? cause.message : String(cause), {
      hint: 'Options: --prior NAME, --data FOLDER, --brains FILE, --knees FOLDER (both repeatable), --planes.',
      cause,
    });
  }
}
