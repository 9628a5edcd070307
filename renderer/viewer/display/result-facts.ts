/** What a result says about itself that belongs beside its picture: warnings and how well it explains its data. */
import type { ItemDescription } from '../../../main/host/api/item.ts';
import { type DataFitVerdict, dataFitVerdict } from '../../app/data-fit.ts';
import { numberText } from '../maths/number-text.ts';
import type { Source } from '../source/source.ts';

type Json = NonNullable<ItemDescription['result']>[string];

const record = (value: Json | undefined): Record<string, Json> | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;

/** Messages of warnings; empty for pictures the method did not make. */
export function warningsOf(source: Source): string[] {
  const { description } = source;
  const name = source.component?.name ?? source.image?.component?.name ?? '';
  if (description?.kind !== 'result' || name === 'reference' || source.role === 'kspace') return [];
  if (record(record(description.result?.baselines ?? null)?.[name]) !== null) return [];
  const { warnings } = description.result ?? {};
  return Array.isArray(warnings)
    ? warnings.flatMap((one) => {
        const message = record(one)?.message;
        return typeof message === 'string' ? [message] : [];
      })
    : [];
}

export interface DataFit {
  text: string;
  /** The same in full. */
  sentence: string;
  tone: 'ok' | 'warning' | 'neutral';
}

/** ‖A x − y‖/‖y‖ against what the noise alone leaves. */
export function dataFit(source: Source): DataFit | null {
  const { description, component } = source;
  if (description?.kind !== 'result' || component?.role !== 'image' || component.name === 'reference') return null;
  const own =
    component.name === 'image'
      ? description.result
      : record(record(description.result?.baselines)?.[component.name] ?? null);
  const residual = record(own?.residual ?? null);
  if (typeof residual?.relative !== 'number') return null;
  const found = `Data fit ${numberText(residual.relative, 2)}`;
  if (typeof residual.expected !== 'number' || residual.expected <= 0)
    return { text: found, sentence: `${found}; the noise level is not known`, tone: 'neutral' };
  const ratio = residual.relative / residual.expected;
  const { words, tone } = said[dataFitVerdict(ratio)];
  return {
    text: `Data fit ${numberText(ratio, 2)} × noise`,
    sentence: `${found}, noise ${numberText(residual.expected, 2)}: ${words}`,
    tone,
  };
}

const said: Readonly<Record<DataFitVerdict, { words: string; tone: DataFit['tone'] }>> = {
  'more than the noise': { words: 'does not explain its data', tone: 'warning' },
  'as the noise': { words: 'agrees with its data', tone: 'ok' },
  'less than the noise': { words: 'part of the noise was fitted', tone: 'neutral' },
};
