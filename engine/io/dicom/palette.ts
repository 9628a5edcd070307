/** Palette Color Lookup Tables (PS3.3 C.7.9): index → red, green, blue of 8 bits. */
import { check } from '../../errors.ts';
import type { Dataset } from './dataset.ts';

export interface ColourPalette {
  /** Stored value of the first entry. */
  readonly first: number;
  readonly tables: readonly [Uint8Array, Uint8Array, Uint8Array];
}

const NAMES = ['Red', 'Green', 'Blue'] as const;

/** Throws `bad-input` when a table is missing or too short, `unsupported` for segmented ones. */
export function readPalette({ attributes, body, syntax }: Dataset): ColourPalette {
  check(
    attributes.elements.x00281201 !== undefined || attributes.elements.x00281221 === undefined,
    () => {
      return 'segmented colour palettes are not expanded by this version';
    },
    { code: 'unsupported', path: 'Segmented Red Palette Color Lookup Table Data (0028,1221)' },
  );
  const little = !syntax.bigEndian;
  let first = 0;
  const tables = NAMES.map((name, channel) => {
    const path = `${name} Palette Color Lookup Table Data (0028,120${channel + 1})`;
    const descriptor = attributes.elements[`x0028110${channel + 1}`];
    const data = attributes.elements[`x0028120${channel + 1}`];
    check(descriptor?.length === 6 && data !== undefined, () => 'the colour palette is missing', { path });
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const entries = view.getUint16(descriptor.dataOffset, little) || 65536;
    const signed = attributes.uint16('x00280103') === 1;
    first = signed
      ? view.getInt16(descriptor.dataOffset + 2, little)
      : view.getUint16(descriptor.dataOffset + 2, little);
    const bits = view.getUint16(descriptor.dataOffset + 4, little);
    const wide = data.length >= 2 * entries;
    check(wide || data.length >= entries, () => `${data.length} bytes for ${entries} entries of the palette`, { path });
    check(data.dataOffset + data.length <= body.length, () => 'the palette is cut off', { path });
    const shift = bits > 8 ? 8 : 0;
    return Uint8Array.from({ length: entries }, (_, i) =>
      wide ? view.getUint16(data.dataOffset + 2 * i, little) >> shift : body[data.dataOffset + i],
    );
  });
  return { first, tables: [tables[0], tables[1], tables[2]] };
}
