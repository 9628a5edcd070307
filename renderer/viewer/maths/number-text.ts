/** Numbers as a reader wants them: a few significant digits, never a rounded-away zero. */
export function numberText(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  let text: string;
  if (size >= 1e7 || size < 1e-4)
    text = value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  else if (Number.isInteger(value)) text = String(value);
  else {
    const decimals = Math.max(0, Math.min(12, digits - 1 - Math.floor(Math.log10(size))));
    text = value.toFixed(decimals);
    if (text.includes('.')) text = text.replace(/\.?0+$/, '');
  }
  return text.replaceAll('-', '−');
}

/** "12.3 mm"; "0.4" without a unit. "arbitrary" is no unit worth repeating. */
export function withUnit(value: number, unit: string, digits = 4): string {
  const shown = unit === '' || unit === 'arbitrary' ? '' : ` ${unit}`;
  return `${numberText(value, digits)}${shown}`;
}
