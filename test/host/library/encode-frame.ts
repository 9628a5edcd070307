/** Frames in every coding of the DICOM table, made by the codecs' own encoders or, where there is none, from the formulas. */

export interface Frame {
  rows: number;
  columns: number;
  bits: number;
  /** 1, or 3 side by side. */
  samples: number;
  values: number[];
}

type Create<N extends string> = (options?: object) => Promise<Record<N, new () => FrameEncoder>>;
type FrameEncoder = {
  getDecodedBuffer(info: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  delete(): void;
  setQuality?(...values: (number | boolean)[]): void;
  setInterleaveMode?(mode: number): void;
  setNearLossless?(value: number): void;
  setDecompositions?(count: number): void;
};

export function nativeFrame({ bits, values }: Frame): Uint8Array {
  return bits <= 8 ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
}

async function encoded<N extends string>(
  create: Create<N>,
  name: N,
  frame: Frame,
  set: (encoder: FrameEncoder) => void,
): Promise<Uint8Array> {
  const module = await create({ print: () => {}, printErr: () => {} });
  const encoder = new module[name]();
  const { rows, columns, bits, samples } = frame;
  const bitsPerSample = name === 'HTJ2KEncoder' && bits > 8 ? 16 : bits;
  const info = { width: columns, height: rows, bitsPerSample, componentCount: samples, isSigned: false };
  encoder.getDecodedBuffer({ ...info, isUsingColorTransform: samples === 3 }).set(nativeFrame(frame));
  set(encoder);
  encoder.encode();
  const bytes = encoder.getEncodedBuffer().slice();
  encoder.delete();
  return bytes;
}

export async function jpegLs(frame: Frame, near = 0, interleave = frame.samples === 3 ? 2 : 0): Promise<Uint8Array> {
  const create = (await import('@cornerstonejs/codec-charls/wasmjs')).default;
  return encoded(create, 'JpegLSEncoder', frame, (encoder) => {
    encoder.setNearLossless?.(near);
    encoder.setInterleaveMode?.(interleave);
  });
}

export async function jpeg2000(frame: Frame, lossless = true): Promise<Uint8Array> {
  const create = (await import('@cornerstonejs/codec-openjpeg/wasmjs')).default;
  return encoded(create, 'J2KEncoder', frame, (encoder) => {
    encoder.setDecompositions?.(2);
    encoder.setQuality?.(lossless, lossless ? 0 : 0.001);
  });
}

export async function htj2k(frame: Frame): Promise<Uint8Array> {
  const create = (await import('@cornerstonejs/codec-openjph/wasmjs')).default as unknown as Create<'HTJ2KEncoder'>;
  return encoded(create, 'HTJ2KEncoder', frame, (encoder) => encoder.setQuality?.(true, 0));
}

export async function jpegBaseline(frame: Frame): Promise<Uint8Array> {
  const create = (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs')).default;
  return encoded(create, 'JPEGEncoder', frame, (encoder) => encoder.setQuality?.(100));
}

/** PackBits of literals only, byte planes most significant first, sample after sample (PS3.5 Annex G). */
export function rle({ bits, samples, values }: Frame): Uint8Array {
  const width = bits <= 8 ? 1 : 2;
  const planes: number[][] = [];
  for (let sample = 0; sample < samples; sample++)
    for (let byte = width - 1; byte >= 0; byte--) {
      const plane = values.filter((_, i) => i % samples === sample).map((value) => (value >> (8 * byte)) & 255);
      const out: number[] = [];
      for (let at = 0; at < plane.length; at += 128) {
        const part = plane.slice(at, at + 128);
        out.push(part.length - 1, ...part);
      }
      if (out.length % 2 === 1) out.push(128);
      planes.push(out);
    }
  const header = new Uint32Array(16);
  header[0] = planes.length;
  let at = 64;
  for (const [i, plane] of planes.entries()) {
    header[i + 1] = at;
    at += plane.length;
  }
  return Uint8Array.from([...new Uint8Array(header.buffer), ...planes.flat()]);
}

/** Lossless JPEG with predictor 1 (ITU-T T.81 Annex H); a table gives all 17 categories codes of five bits. */
export function jpegLossless({ rows, columns, bits, samples, values }: Frame): Uint8Array {
  const out: number[] = [0xff, 0xd8];
  const segment = (marker: number, body: number[]) => out.push(0xff, marker, 0, body.length + 2, ...body);
  const components = Array.from({ length: samples }, (_, c) => c + 1);
  segment(0xc4, [0x00, 0, 0, 0, 0, 17, ...new Array(11).fill(0), ...Array.from({ length: 17 }, (_, i) => i)]);
  const size = [bits, rows >> 8, rows & 255, columns >> 8, columns & 255, samples];
  segment(0xc3, [...size, ...components.flatMap((c) => [c, 0x11, 0])]);
  segment(0xda, [samples, ...components.flatMap((c) => [c, 0x00]), 1, 0, 0]);
  let stream = '';
  const stride = columns * samples;
  for (const [i, value] of values.entries()) {
    const x = i % stride;
    const start = i < samples ? 2 ** (bits - 1) : x < samples ? values[i - stride] : values[i - samples];
    const difference = value - start;
    const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
    stream += category.toString(2).padStart(5, '0');
    const extra = difference < 0 ? difference + 2 ** category - 1 : difference;
    if (category > 0) stream += extra.toString(2).padStart(category, '0');
  }
  while (stream.length % 8 !== 0) stream += '1';
  for (let i = 0; i < stream.length; i += 8) {
    const byte = Number.parseInt(stream.slice(i, i + 8), 2);
    out.push(byte);
    if (byte === 0xff) out.push(0);
  }
  return Uint8Array.from([...out, 0xff, 0xd9]);
}
