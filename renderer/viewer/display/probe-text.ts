/** What is under the pointer: exact value, place in the stack and in the patient, magnitude and phase where both are known. */
import { pixelToPatient } from '../maths/linked-views.ts';
import { numberText, withUnit } from '../maths/number-text.ts';
import type { Point } from '../maths/view-matrix.ts';
import { componentSource } from '../source/component-source.ts';
import type { Source, Values } from '../source/source.ts';

/** Eight significant digits: what a float32 holds. */
const exact = (value: number) => numberText(value, 8);

export function probeText(source: Source, slice: number, values: Values, at: Point): string[] {
  const [, rows, columns] = source.shape;
  const [x, y] = [Math.round(at.x), Math.round(at.y)];
  if (x < 0 || y < 0 || x >= columns || y >= rows) return [];
  const index = y * columns + x;
  const place = `(${x}, ${y}, ${slice})`;
  if (source.kind === 'colour') {
    const [r, g, b] = values.subarray(4 * index, 4 * index + 3);
    return [`R ${r} G ${g} B ${b}`, place];
  }
  const unit = source.unit === '' || source.unit === 'arbitrary' ? '' : ` ${source.unit}`;
  const lines = [`${exact(values[index])}${unit}`];
  const polar = complexText(source, slice, index);
  if (polar !== null) lines.push(polar);
  // A running estimate may be several planes beside each other: its pixels have no place.
  if (source.description !== null) lines.push(place);
  const plane = source.planes[slice];
  const [, dy, dx] = source.spacing;
  if (plane !== undefined && dy !== null && dx !== null)
    lines.push(
      `${pixelToPatient(plane, x, y, dy, dx)
        .map((value) => numberText(value, 5))
        .join(', ')} mm`,
    );
  return lines;
}

/** Magnitude ∠ phase from the phase component beside an image, or from real and imaginary parts; loads what is missing. */
function complexText(source: Source, slice: number, index: number): string | null {
  const { description, component } = source;
  if (description === null || component === null) return null;
  const named = (name: string) => {
    const found = description.components.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const other = componentSource(description, found);
    const values = other.peek(slice);
    if (values === undefined) void other.load(slice).catch(() => undefined);
    return values;
  };
  if (component.name === 'image' || component.name === 'phase') {
    if (!description.components.some(({ name }) => name === 'phase')) return null;
    const [magnitude, phase] = [named('image'), named('phase')];
    if (magnitude === undefined || phase === undefined) return null;
    return `${withUnit(magnitude[index], source.unit === 'rad' ? '' : source.unit, 6)} ∠ ${numberText(phase[index], 5)} rad`;
  }
  if (component.name === 'real' || component.name === 'imaginary') {
    const [re, im] = [named('real'), named('imaginary')];
    if (re === undefined || im === undefined) return null;
    return `${numberText(Math.hypot(re[index], im[index]), 6)} ∠ ${numberText(Math.atan2(im[index], re[index]), 5)} rad`;
  }
  return null;
}
