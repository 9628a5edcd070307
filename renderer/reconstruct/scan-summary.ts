/** What a scan or a series is, in plain words. */
import { z } from 'zod';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { isCt } from './draft.ts';

const scanFacts = z.looseObject({
  format: z.string().default(''),
  kind: z.string().default(''),
  matrix: z.array(z.number()).nullish(),
  slices: z.number().nullish(),
  coils: z.number().nullish(),
  orientation: z.string().nullish(),
  mask: z.looseObject({ kind: z.string(), measured_fraction: z.number(), acs_lines: z.number().nullish() }).nullish(),
  acceleration: z.number().nullish(),
  maps: z.boolean().default(false),
  reference: z.boolean().default(false),
  angles: z.looseObject({ count: z.number(), first_deg: z.number(), last_deg: z.number() }).nullish(),
  beam: z.looseObject({ kind: z.string(), detectors: z.number() }).nullish(),
});

export interface ScanSummary {
  /** One sentence. */
  sentence: string;
  facts: { name: string; value: string }[];
}

const short = (value: number) => String(Number(value.toPrecision(3)));
const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const maskWords: Readonly<Record<string, string>> = {
  full: 'all of k-space',
  columns: 'whole columns',
  rows: 'whole rows',
  points: 'single points',
};

function spacingText([z, y, x]: ItemDescription['spacingMm']): string {
  if (y === null || x === null) return 'not stated';
  const plane = Math.abs(y - x) < 1e-6 ? `${short(y)} mm pixels` : `${short(y)} × ${short(x)} mm pixels`;
  return z === null ? plane : `${plane}, slices ${short(z)} mm apart`;
}

function measured(item: ItemDescription, scan: z.output<typeof scanFacts>): ScanSummary {
  const [rows, columns] = scan.matrix ?? [item.rows, item.columns];
  const slices = plural(scan.slices ?? item.slices, 'slice');
  const facts = [
    { name: 'Image', value: `${slices} of ${rows} × ${columns}${scan.orientation ? `, ${scan.orientation}` : ''}` },
  ];
  if (scan.kind === 'sinogram') {
    const { angles, beam } = scan;
    if (angles)
      facts.push({
        name: 'Views',
        value: `${angles.count}, ${short(angles.first_deg)}° to ${short(angles.last_deg)}°`,
      });
    if (beam) facts.push({ name: 'Beam', value: `${beam.kind}, ${beam.detectors} detectors` });
    facts.push({ name: 'Spacing', value: spacingText(item.spacingMm) });
    return { sentence: `Measured CT projections of ${slices} (${scan.format}).`, facts };
  }
  const coils = scan.coils ?? 1;
  facts.push({
    name: 'Coils',
    value: `${plural(coils, 'coil')}${coils === 1 ? '' : scan.maps ? ', with sensitivity maps' : ', maps will be estimated'}`,
  });
  if (scan.mask) {
    const percent = `${short(100 * scan.mask.measured_fraction)} %`;
    const centre = scan.mask.acs_lines ? `, ${scan.mask.acs_lines} lines in the centre` : '';
    facts.push({
      name: 'Sampling',
      value:
        scan.mask.kind === 'full'
          ? 'all of k-space'
          : `${percent}, ${maskWords[scan.mask.kind] ?? scan.mask.kind}${centre}`,
    });
  }
  if (scan.acceleration) facts.push({ name: 'Acceleration', value: `${short(scan.acceleration)}×` });
  facts.push({ name: 'Spacing', value: spacingText(item.spacingMm) });
  if (scan.reference) facts.push({ name: 'Reference', value: 'fully sampled image in the file' });
  const how = (scan.acceleration ?? 1) > 1.01 ? `Undersampled ${short(scan.acceleration ?? 1)}-fold` : 'Fully sampled';
  return { sentence: `${how} MRI measurement of ${slices} with ${plural(coils, 'coil')} (${scan.format}).`, facts };
}

export function scanSummary(item: ItemDescription): ScanSummary {
  if (item.kind === 'scan' && item.scan !== null) {
    const parsed = scanFacts.safeParse(item.scan);
    if (parsed.success) return measured(item, parsed.data);
  }
  const slices = plural(item.slices, 'slice');
  const ct = isCt(item);
  return {
    sentence: `${item.kind === 'result' ? 'A reconstructed image' : `${ct ? 'A CT' : item.modality === 'MR' ? 'An MR' : 'An'} image series`} of ${slices}. An image has no measured data any more, so ${ct ? 'projections are' : 'an undersampled scan is'} simulated from it first.`,
    facts: [
      { name: 'Image', value: `${slices} of ${item.rows} × ${item.columns}` },
      { name: 'Spacing', value: spacingText(item.spacingMm) },
      ...(item.thicknessMm === null ? [] : [{ name: 'Thickness', value: `${short(item.thicknessMm)} mm` }]),
    ],
  };
}
