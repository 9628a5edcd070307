/**
 * Floats into the 16-bit values cornerstone draws: stored = round((v − lo)/slope), slope = (hi − lo)/65535, one mapping
 * for a whole series. Whole numbers spanning at most 65536 levels keep slope 1 and are exact; otherwise the error is at
 * most half a slope. Values that are not finite become 0 and are marked in `mask`.
 */
export interface Mapping {
  slope: number;
  intercept: number;
}

export function mappingOf([low, high]: readonly [number, number], integer: boolean): Mapping {
  if (!(high > low)) return { slope: 1, intercept: Number.isFinite(low) ? low : 0 };
  if (integer && high - low <= 65535) return { slope: 1, intercept: low };
  const slope = (high - low) / 65535;
  // A range so small that its step has no reciprocal is one level.
  return { slope: Number.isFinite(1 / slope) ? slope : 1, intercept: low };
}

export interface Quantised {
  stored: Uint16Array;
  /** 1 where the value is not finite; null when all are. */
  mask: Uint8Array | null;
}

export function quantise(values: ArrayLike<number>, { slope, intercept }: Mapping): Quantised {
  const count = values.length;
  const stored = new Uint16Array(count);
  const inverse = 1 / slope;
  let mask: Uint8Array | null = null;
  for (let i = 0; i < count; i++) {
    const level = (values[i] - intercept) * inverse + 0.5;
    if (level >= 0 && level < 65536) stored[i] = level;
    else if (Number.isFinite(level)) stored[i] = level < 0 ? 0 : 65535;
    else if (
      values[i] === Number.POSITIVE_INFINITY ||
      values[i] === Number.NEGATIVE_INFINITY ||
      Number.isNaN(values[i])
    ) {
      mask ??= new Uint8Array(count);
      mask[i] = 1;
    }
  }
  return { stored, mask };
}
