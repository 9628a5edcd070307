/** A component of a result as derived DICOM files, in memory. */
import { EngineError } from '../../../engine/errors.ts';
import { type DerivedFile, type DerivedPart, writeDerivedSeries } from '../../../engine/io/dicom/write-series.ts';
import { derivedSeries, factsOfRecord } from '../../../engine/recon/derived-series.ts';
import type { ResultJson } from '../../../engine/recon/result-json.ts';
import { type ExportJob, type Shown, shownComponent } from './export-job.ts';
import type { ExportWarning } from './export-labels.ts';
import type { FoundSource } from './find-source.ts';

const MAPS: Readonly<Record<string, DerivedPart>> = {
  uncertainty: { id: 'std', title: 'spread', seriesOffset: 2 },
  evidence: { id: 'evidence', title: 'prior share', seriesOffset: 3 },
  difference: { id: 'difference', title: 'difference', seriesOffset: 4 },
};
const FIRST_BASELINE = 10;

/** What a component is in its series; undefined for the reconstruction itself. */
function partOf({ component }: Shown, { item }: ExportJob): DerivedPart | undefined {
  const { name, role } = component;
  if (name === 'image') return undefined;
  const map = MAPS[role];
  if (map !== undefined) return map;
  if (role !== 'image' || name === 'real' || name === 'imaginary')
    throw new EngineError('unsupported', `${component.title} is not exported as DICOM`, {
      hint: 'Use NIfTI or NumPy, which keep its values as they are.',
    });
  const index = item.components.findIndex((each) => each.name === name);
  return { id: name, title: 'reconstruction', seriesOffset: FIRST_BASELINE + index };
}

export interface DerivedFiles {
  readonly files: readonly DerivedFile[];
  readonly source: FoundSource | undefined;
  readonly warnings: ExportWarning[];
}

const SOURCE_MISSING = 'the series this result was made from is not open, so patient and study are not known';

/**
 * Writes the series of `request.component`. `needSource`: throw `not-found` when the series the result was made from
 * cannot be found, instead of writing a study without patient.
 */
export async function derivedFiles(job: ExportJob, record: ResultJson, needSource: boolean): Promise<DerivedFiles> {
  job.progress(0.05, 'finding the source series');
  const source = await job.source();
  const expected = record.source.kind === 'image' && record.source.format === 'dicom';
  if (expected && source === undefined && needSource)
    throw new EngineError('not-found', SOURCE_MISSING, {
      hint: 'Open that series and export again, or export de-identified DICOM or NIfTI, which need no patient.',
    });
  job.progress(0.3, 'writing DICOM');
  const shown = await shownComponent(job);
  const facts = factsOfRecord(record);
  const placed =
    facts.geometry === undefined && source?.geometry !== undefined ? { ...facts, geometry: source.geometry } : facts;
  const files = writeDerivedSeries(derivedSeries(placed, shown.volume, source?.dicom, partOf(shown, job)));
  const warnings =
    expected && source === undefined
      ? [{ code: 'source-not-open', message: `${SOURCE_MISSING}; the files stand in a study of their own.` }]
      : [];
  return { files, source, warnings };
}
