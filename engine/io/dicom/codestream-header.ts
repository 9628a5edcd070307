/** Size stated inside a compressed frame, read before a decoder is let near it. */
import { check } from '../../errors.ts';

export interface CodestreamHeader {
  rows: number;
  columns: number;
  components: number;
  /** Bits per sample. */
  precision: number;
}

const PATH = 'compressed frame of Pixel Data (7fe0,0010)';

/** Start-of-frame marker of JPEG (SOF0–SOF15, ITU-T T.81 §B.2.2) and JPEG-LS (SOF55, ITU-T T.87 §C.2.2). */
function jpegHeader(frame: Uint8Array): CodestreamHeader | undefined {
  let at = 2;
  while (at + 9 < frame.length) {
    if (frame[at] !== 0xff) return undefined;
    const marker = frame[at + 1];
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const isFrame =
      marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
    if (isFrame) {
      return {
        precision: frame[at + 4],
        rows: (frame[at + 5] << 8) | frame[at + 6],
        columns: (frame[at + 7] << 8) | frame[at + 8],
        components: frame[at + 9],
      };
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + ((frame[at + 2] << 8) | frame[at + 3]);
  }
  return undefined;
}

/** Image and tile size marker (SIZ) of JPEG 2000, ISO/IEC 15444-1 §A.5.1. */
function jpeg2000Header(frame: Uint8Array): CodestreamHeader | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 41 || view.getUint32(0) !== 0xff4fff51) return undefined;
  const columns = view.getUint32(8) - view.getUint32(16);
  const rows = view.getUint32(12) - view.getUint32(20);
  return { rows, columns, components: view.getUint16(40), precision: (frame[42] & 0x7f) + 1 };
}

/** Throws `bad-input` when the frame has no header or states another size than the file, `unsupported` by its colours. */
export function checkCodestream(
  frame: Uint8Array,
  jpeg2000: boolean,
  rows: number,
  columns: number,
  samples = 1,
): CodestreamHeader {
  const header = jpeg2000 ? jpeg2000Header(frame) : jpegHeader(frame);
  check(header !== undefined, () => 'no image header found in the compressed frame', { path: PATH });
  check(
    header.rows === rows && header.columns === columns,
    () => `compressed frame is ${header.rows}×${header.columns}, but Rows and Columns say ${rows}×${columns}`,
    { path: PATH },
  );
  check(
    header.components === samples,
    () => `compressed frame has ${header.components} components, expected ${samples}`,
    {
      path: PATH,
      code: 'unsupported',
    },
  );
  return header;
}
