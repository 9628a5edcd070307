/** What a map means, in one plain sentence, and what stands at the ends of its colour bar. */
import { samplesOf } from '../source/component-source.ts';
import type { Source } from '../source/source.ts';

export function mapSentence(source: Source): string {
  const samples = source.description === null ? null : samplesOf(source.description);
  if (source.role === 'evidence') return 'Bright: supplied by the prior, not measured. Dark: fixed by the measurement.';
  if (source.role === 'uncertainty')
    return `Standard deviation over ${samples ?? 'several'} samples; bright: the samples disagree.${samples !== null && samples < 8 ? ' Indicative: fewer than 8 samples.' : ''}`;
  if (source.role === 'difference')
    return source.colours === 'diverging'
      ? 'Red: brighter than the reference. Blue: darker. Black: equal.'
      : 'Bright: far from the reference, brighter or darker.';
  return '';
}
