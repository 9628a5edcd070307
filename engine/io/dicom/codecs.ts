/** Decoders of compressed frames, loaded on first use. All give one cell per sample. */
import { check, EngineError } from '../../errors.ts';
import { checkCodestream } from './codestream-header.ts';
import { decodeJpegLossless } from './jpeg-lossless.ts';
import type { PixelCoding } from './transfer-syntax.ts';

/** Shape of the Emscripten modules of @cornerstonejs/codec-*. */
export type CodecFactory<M> = (options?: object) => Promise<M & { getExceptionMessage?: (pointer: number) => string }>;

export interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned?: boolean };
  delete(): void;
}

/** Unsigned cells; the file's Bits Stored and Pixel Representation say how to read them. */
export type Cells = Uint8Array | Uint16Array;
/** `samples` per pixel, interleaved; 1 unless said. */
export type FrameDecoder = (frame: Uint8Array, rows: number, columns: number, samples?: number) => Cells;

const PATH = 'compressed frame of Pixel Data (7fe0,0010)';

const loaded = new Map<PixelCoding, Promise<FrameDecoder>>();

function guarded(name: string, jpeg2000: boolean, run: (frame: Uint8Array, precision: number) => Cells): FrameDecoder {
  return (frame, rows, columns, samples = 1) => {
    const { precision } = checkCodestream(frame, jpeg2000, rows, columns, samples);
    check(precision <= 16, () => `${precision}-bit samples in ${name}; at most 16 are decoded`, {
      code: 'unsupported',
      path: PATH,
    });
    let cells: Cells;
    try {
      cells = run(frame, precision);
    } catch (cause) {
      // Emscripten throws numbers (pointers); their text is the codec's own and says little to a user.
      throw new EngineError('bad-input', `${name} frame is damaged`, {
        path: PATH,
        hint: 'Copy the file again from its source.',
        cause: cause instanceof Error ? cause : undefined,
      });
    }
    check(
      cells.length === rows * columns * samples,
      () => `${name} frame gave ${cells.length} samples, expected ${rows * columns * samples}`,
      {
        path: PATH,
      },
    );
    return cells;
  };
}

function wasm(name: string, jpeg2000: boolean, create: () => WasmDecoder): FrameDecoder {
  return guarded(name, jpeg2000, (frame, precision) => {
    const decoder = create();
    try {
      decoder.getEncodedBuffer(frame.length).set(frame);
      decoder.decode();
      // A copy: the buffer lies in the codec's memory and dies with the decoder.
      const bytes = decoder.getDecodedBuffer().slice();
      return precision <= 8 ? bytes : new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
    } finally {
      decoder.delete();
    }
  });
}

/**
 * The codecs print their warnings; what matters comes back as a failure. An object for each: a codec makes it its own,
 * and two codecs of one object would overwrite each other's functions.
 */
const silent = () => ({ print: () => {}, printErr: () => {} });

const loaders: Record<Exclude<PixelCoding, 'native' | 'rle'>, () => Promise<FrameDecoder>> = {
  jpeg: async () => {
    const codec = await (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')).default(silent());
    return wasm('JPEG', false, () => new codec.JPEGDecoder());
  },
  'jpeg-ls': async () => {
    const codec = await (await import('@cornerstonejs/codec-charls/decodewasmjs')).default(silent());
    return wasm('JPEG-LS', false, () => new codec.JpegLSDecoder());
  },
  'jpeg-2000': async () => {
    const codec = await (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default(silent());
    return wasm('JPEG 2000', true, () => new codec.J2KDecoder());
  },
  htj2k: async () => {
    const codec = await (await import('@cornerstonejs/codec-openjph/wasmjs')).default(silent());
    return wasm('High-Throughput JPEG 2000', true, () => new codec.HTJ2KDecoder());
  },
  'jpeg-lossless': async () => guarded('JPEG Lossless', false, decodeJpegLossless),
};

/** The decoder of a compressed coding; each module is loaded once per process. */
export function loadDecoder(coding: Exclude<PixelCoding, 'native' | 'rle'>): Promise<FrameDecoder> {
  let decoder = loaded.get(coding);
  if (!decoder) {
    decoder = loaders[coding]();
    loaded.set(coding, decoder);
  }
  return decoder;
}
