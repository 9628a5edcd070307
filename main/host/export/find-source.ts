/** The DICOM series a result was simulated from: the series of the library whose bytes have the result's input digest. */
import { EngineError } from '../../../engine/errors.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import type { DicomSource } from '../../../engine/io/dicom/source.ts';
import type { SliceGeometry } from '../../../engine/io/scan.ts';
import type { ResultJson } from '../../../engine/recon/result-json.ts';
import type { ItemSource, Library } from '../services.ts';

export interface FoundSource {
  /** One entry per slice of the result. */
  dicom: DicomSource;
  geometry: readonly SliceGeometry[] | undefined;
}

export function pathsOf(source: ItemSource): readonly string[] {
  return 'path' in source ? [source.path] : source.files;
}

/** Items it can be, the likeliest first: the size says most, and reading is what costs. */
function candidates(library: Library, record: ResultJson): string[] {
  const last = Math.max(...record.slices, 0);
  const possible = library
    .list('')
    .filter((item) => item.kind === 'series' && item.problem === null && item.slices > last);
  const fits = (rows: number, columns: number) => rows === record.shape[1] && columns === record.shape[2];
  return possible.sort((a, b) => Number(fits(b.rows, b.columns)) - Number(fits(a.rows, a.columns))).map(({ id }) => id);
}

async function opened(paths: readonly string[], signal: AbortSignal) {
  try {
    return await openDicom(paths, { signal });
  } catch (thrown) {
    // Not DICOM, or not readable: it is not the source then.
    if (thrown instanceof EngineError && thrown.code !== 'cancelled') return undefined;
    throw thrown;
  }
}

/** Undefined when no open series is the source, or the result comes from measured data. */
export async function findSource(
  library: Library,
  record: ResultJson,
  signal: AbortSignal,
): Promise<FoundSource | undefined> {
  if (record.source.kind !== 'image' || record.source.format !== 'dicom') return undefined;
  for (const id of candidates(library, record)) {
    const scan = await opened(pathsOf(library.source(id)), signal);
    if (scan?.dicom === undefined || scan.digest !== record.source.digest) continue;
    const { dicom, geometry } = scan;
    return {
      dicom: { ...dicom, slices: record.slices.map((index) => dicom.slices[index]) },
      geometry: geometry && record.slices.map((index) => geometry[index]),
    };
  }
  return undefined;
}
