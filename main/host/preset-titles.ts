/** The presets of dds in plain words, for the measurements they are for. */
import type { PresetName } from '../../engine/dds/presets.ts';

export type Measured = 'MRI' | 'CT';

export interface PresetTitle {
  id: PresetName;
  title: string;
  summary: string;
  for: Measured;
}

export const presetTitles: readonly PresetTitle[] = [
  {
    id: 'fast',
    title: 'Fast',
    summary: 'One best image in 8 steps, for moderate acceleration. The choice when nothing is chosen.',
    for: 'MRI',
  },
  {
    id: 'thorough',
    title: 'Thorough',
    summary: 'One best image in 24 steps, for high acceleration and for single coils.',
    for: 'MRI',
  },
  {
    id: 'quality',
    title: 'With uncertainty',
    summary: 'Mean of three samples of 30 steps, with a map of how far they differ.',
    for: 'MRI',
  },
  {
    id: 'posterior',
    title: 'Posterior samples',
    summary: 'Samples whose spread needs no correction; a single image is less sharp in its figures.',
    for: 'MRI',
  },
  {
    id: 'paper-19',
    title: 'Paper, 19 evaluations',
    summary: 'As published for noiseless MRI: 20 steps, little fresh noise.',
    for: 'MRI',
  },
  {
    id: 'paper-49',
    title: 'Paper, 49 evaluations',
    summary: 'As published for noiseless MRI: 50 steps, half the noise fresh.',
    for: 'MRI',
  },
  {
    id: 'paper-99',
    title: 'Paper, 99 evaluations',
    summary: 'As published for noiseless MRI: 100 steps, most of the noise fresh.',
    for: 'MRI',
  },
  {
    id: 'reference-mri',
    title: 'Reference code, MRI',
    summary: 'The settings of the published program, its quirks included, for comparison.',
    for: 'MRI',
  },
  {
    id: 'ct',
    title: 'CT',
    summary: 'One best image in 32 steps, slices helping their neighbours. The choice when nothing is chosen.',
    for: 'CT',
  },
  {
    id: 'reference-svct',
    title: 'Reference code, few views',
    summary: 'The settings of the published program for views spread over the whole arc.',
    for: 'CT',
  },
  {
    id: 'reference-lact',
    title: 'Reference code, limited arc',
    summary: 'The settings of the published program for a part of the arc.',
    for: 'CT',
  },
];
