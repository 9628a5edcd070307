/** Text of elements as the bytes say it, one character per byte, whatever character set the file declares. */
import type { DicomElement } from './source.ts';

/** Text of a value without its padding. */
export function valueText({ value }: DicomElement): string {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return text.replace(/[\0 ]+$/, '');
}

/** Text of an attribute, empty when it is absent. */
export function textOf(elements: readonly DicomElement[], tag: number): string {
  const found = elements.find((element) => element.tag === tag);
  return found === undefined ? '' : valueText(found);
}
