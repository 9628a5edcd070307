/** A derived series without identity, for results that are to be shared. */
import { EngineError } from '../errors.ts';
import { deIdentify } from '../io/dicom/de-identify.ts';
import { reviewPixels } from '../io/dicom/review-pixels.ts';
import type { DicomSource } from '../io/dicom/source.ts';
import { type DerivedFile, type DerivedSeriesOptions, writeDerivedSeries } from '../io/dicom/write-series.ts';

/** Throws `untrusted` when text may be drawn into the pictures a result is to be made from; asked before the work. */
export function refuseDrawnText(source: DicomSource): void {
  const { burnedIn } = reviewPixels(source.slices[0]?.instance.elements ?? []);
  if (burnedIn === undefined) return;
  throw new EngineError('untrusted', `${burnedIn}, and it would be readable in the result`, {
    path: '--deidentify',
    hint: 'De-identify the result with tangent deidentify --pixels-reviewed, once somebody has looked at it.',
  });
}

/** Files of `writeDerivedSeries`, de-identified (PS3.15 Basic Profile). Substitutes are random: two runs differ. */
export async function deidentifiedSeries(
  options: DerivedSeriesOptions,
  version: string,
  signal: AbortSignal,
): Promise<DerivedFile[]> {
  if (options.source) refuseDrawnText(options.source);
  const inputs = writeDerivedSeries(options).map(
    ({ bytes }) =>
      async () =>
        bytes,
  );
  const files: DerivedFile[] = [];
  // Nothing is drawn into a derived picture, and its source was asked about above.
  await deIdentify(inputs, { version, pixelsReviewed: true, signal }, async (file) => {
    files.push(file);
  });
  return files;
}
