/** What a CT scan says about itself, against what a prior knows: the unit of its values and the size of its pixels. */
import type { Manifest } from '../prior/manifest.ts';
import type { ResultWarning } from './result.ts';

export interface CtScanFacts {
  /** Width of a pixel; undefined = not stated. */
  pixelMm: number | undefined;
  /** Whether the attenuation of water is stated. */
  waterKnown: boolean;
}

/** Nothing where the prior says neither in which window nor at which pixels it was trained. */
export function ctPriorWarnings(
  { id, scale, pixelMm: trained }: Pick<Manifest, 'id' | 'scale' | 'pixelMm'>,
  { pixelMm, waterKnown }: CtScanFacts,
): ResultWarning[] {
  const warnings: ResultWarning[] = [];
  if (scale.window !== undefined && !waterKnown)
    warnings.push({
      code: 'prior-unit',
      message: `The scan does not state the attenuation of water, so nothing tells whether its values are of the kind the prior ${id} was trained on (${scale.window[0]} to ${scale.window[1]} HU); its brightest part was taken for the upper end.`,
    });
  if (trained === undefined) return warnings;
  const range = `${trained[0]} to ${trained[1]} mm`;
  if (pixelMm === undefined)
    warnings.push({
      code: 'prior-pixel',
      message: `The scan does not state the width of its pixels; the prior ${id} was trained on ${range}.`,
    });
  else if (pixelMm < trained[0] || pixelMm > trained[1])
    warnings.push({
      code: 'prior-pixel',
      message: `Pixels are ${Number(pixelMm.toPrecision(3))} mm wide; the prior ${id} was trained on ${range} and does not know objects of this size.`,
      value: pixelMm,
    });
  return warnings;
}
