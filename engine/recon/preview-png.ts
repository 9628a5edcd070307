/**
 * A small PNG encoder (ISO/IEC 15948): 8-bit grey, palette or RGB, no interlace, filter "sub" per row. The same
 * pixels give the same bytes; no time is written, and text only where it is given.
 */
import { crc32, deflateSync } from 'node:zlib';
import { check } from '../errors.ts';

export interface IndexedImage {
  width: number;
  height: number;
  /** One byte per pixel, row-major: grey level, or index into the palette; three bytes with `rgb`. */
  pixels: Uint8Array;
  /** RGB triples, at most 256; absent = grey. */
  palette?: Uint8Array;
  rgb?: boolean;
  /** Keyword → text, as tEXt chunks (Latin-1). Keywords of the standard: Title, Description, Disclaimer, Warning, … */
  text?: Readonly<Record<string, string>>;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

function textChunk([keyword, text]: [string, string]): Uint8Array {
  check(/^[ -~]{1,79}$/.test(keyword), () => `"${keyword}" is no keyword of a picture's text`);
  return chunk('tEXt', Buffer.from(`${keyword}\0${text.replace(/[^\n -~\xa1-\xff]/g, '?')}`, 'latin1'));
}

export function encodePng(image: IndexedImage): Uint8Array {
  const { width, height, pixels, palette, rgb = false, text = {} } = image;
  const step = rgb ? 3 : 1;
  const stride = step * width;
  check(width > 0 && height > 0 && pixels.length === stride * height, () => {
    return `a picture of ${width} × ${height} needs ${stride * height} ${rgb ? 'bytes' : 'pixels'}, found ${pixels.length}`;
  });
  check(palette === undefined || (palette.length % 3 === 0 && palette.length <= 768 && palette.length > 0), () => {
    return `a palette has 1 to 256 colours of 3 bytes, found ${palette?.length} bytes`;
  });
  const filtered = new Uint8Array(height * (stride + 1));
  // Neighbouring palette indices of a smooth map differ little, as grey levels do: "sub" helps both.
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1);
    filtered[row] = 1;
    for (let x = 0; x < stride; x++)
      filtered[row + 1 + x] = pixels[y * stride + x] - (x < step ? 0 : pixels[y * stride + x - step]);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = rgb ? 2 : palette === undefined ? 0 : 3;
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    ...Object.entries(text).map(textChunk),
    chunk('IDAT', deflateSync(filtered, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
