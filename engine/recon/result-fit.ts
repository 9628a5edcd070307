/** How well a result fits the prior it was made with: the assessment of its image, and what to warn about. */
import type { NdArray } from '../arrays/ndarray.ts';
import type { SliceGeometry } from '../io/scan.ts';
import { assessFit, fitSentence } from '../prior/fit/assess-fit.ts';
import { storedTurn } from '../prior/fit/display-turn.ts';
import type { FitFile } from '../prior/fit/fit-file.ts';
import type { ResultFit, ResultWarning } from './result.ts';

/** Assesses magnitudes [slices, y, x]. `noisePower`: mean of ε̂² over the noisier half of the steps. */
export function resultFit(
  prior: string,
  file: FitFile | undefined,
  image: NdArray<'float32'>,
  geometry: readonly SliceGeometry[] | undefined,
  noisePower?: number,
): ResultFit {
  const assessment = assessFit(file?.model, image, {
    ...(geometry && geometry.length > 0 ? { expected: storedTurn(geometry[0]) } : {}),
    ...(noisePower === undefined ? {} : { noisePower }),
  });
  return { prior, message: fitSentence(assessment, prior), ...assessment };
}

/** Warns when the image is not of the training's kind. A wrong orientation is told, not warned about: many files lie. */
export function fitWarnings({ prior, message, verdict, percentile }: ResultFit): ResultWarning[] {
  if (verdict !== 'unusual' && verdict !== 'unlike') return [];
  const advice =
    verdict === 'unlike'
      ? ` What ${prior} adds to the data may be wrong anatomy.`
      : ' Compare it with a method that uses no prior.';
  return [{ code: `fit-${verdict}`, message: `${message}${advice}`, value: percentile }];
}
