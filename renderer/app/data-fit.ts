/** How a residual stands to what noise alone leaves. */
export type DataFitVerdict = 'more than the noise' | 'as the noise' | 'less than the noise';

/**
 * `ratio` = ‖Ax − y‖/‖y‖ over σ√m/‖y‖. Over the many samples of a scan noise alone stays within a few per cent of 1, so 1.3 is
 * no chance; a method with many free pixels may fit part of the noise without harm, below half of it one should know.
 */
export function dataFitVerdict(ratio: number): DataFitVerdict {
  if (ratio > 1.3) return 'more than the noise';
  return ratio < 0.5 ? 'less than the noise' : 'as the noise';
}
