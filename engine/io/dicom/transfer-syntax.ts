/** Transfer syntaxes (PS3.5 §10, PS3.6 Annex A): how the data set and its pixels are encoded, and who decodes them. */
import { EngineError } from '../../errors.ts';

export type PixelCoding = 'native' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k';

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  readonly deflated: boolean;
  /** `undefined`: known by name, not decoded by this version. */
  readonly coding: PixelCoding | undefined;
  /** True when the syntax itself always means loss. */
  readonly lossy: boolean;
}

const ROOT = '1.2.840.10008.1.2';
export const IMPLICIT_LITTLE = ROOT;
export const EXPLICIT_LITTLE = `${ROOT}.1`;
export const DEFLATED_LITTLE = `${ROOT}.1.99`;
export const EXPLICIT_BIG = `${ROOT}.2`;

const table = new Map<string, TransferSyntax>();

function add(suffix: string, name: string, coding: PixelCoding | undefined, lossy = false): void {
  const uid = ROOT + suffix;
  table.set(uid, {
    uid,
    name,
    coding,
    lossy,
    explicit: uid !== IMPLICIT_LITTLE,
    bigEndian: uid === EXPLICIT_BIG,
    deflated: uid === DEFLATED_LITTLE,
  });
}

add('', 'Implicit VR Little Endian', 'native');
add('.1', 'Explicit VR Little Endian', 'native');
add('.1.99', 'Deflated Explicit VR Little Endian', 'native');
add('.2', 'Explicit VR Big Endian', 'native');
add('.5', 'RLE Lossless', 'rle');
add('.4.50', 'JPEG Baseline (8 bit)', 'jpeg', true);
add('.4.51', 'JPEG Extended (12 bit)', undefined, true);
add('.4.57', 'JPEG Lossless, Non-Hierarchical', 'jpeg-lossless');
add('.4.70', 'JPEG Lossless, First-Order Prediction', 'jpeg-lossless');
add('.4.80', 'JPEG-LS Lossless', 'jpeg-ls');
add('.4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls', true);
add('.4.90', 'JPEG 2000 Lossless Only', 'jpeg-2000');
add('.4.91', 'JPEG 2000', 'jpeg-2000');
add('.4.92', 'JPEG 2000 Part 2 Lossless Only', undefined);
add('.4.93', 'JPEG 2000 Part 2', undefined);
add('.4.94', 'JPIP Referenced', undefined);
add('.4.95', 'JPIP Referenced Deflate', undefined);
add('.4.100', 'MPEG-2 Main Profile', undefined, true);
add('.4.101', 'MPEG-2 High Profile', undefined, true);
add('.4.102', 'MPEG-4 AVC/H.264', undefined, true);
add('.4.103', 'MPEG-4 AVC/H.264 BD-compatible', undefined, true);
add('.4.107', 'HEVC/H.265 Main', undefined, true);
add('.4.108', 'HEVC/H.265 Main 10', undefined, true);
add('.4.201', 'High-Throughput JPEG 2000 Lossless Only', 'htj2k');
add('.4.202', 'High-Throughput JPEG 2000 RPCL Lossless Only', 'htj2k');
add('.4.203', 'High-Throughput JPEG 2000', 'htj2k');

const PRINTABLE_UID = /^[0-9.]{1,64}$/;

/** The syntax of a UID. An unknown UID is taken as explicit little endian with pixels nobody here decodes. */
export function transferSyntax(uid: string): TransferSyntax {
  const known = table.get(uid);
  if (known) return known;
  const name = PRINTABLE_UID.test(uid) ? `unknown (${uid})` : 'unknown';
  return { uid, name, coding: undefined, lossy: false, explicit: true, bigEndian: false, deflated: false };
}

/** The coding of a syntax that is decoded here; throws `unsupported`, naming the syntax and a way round it. */
export function requireDecodable(syntax: TransferSyntax): PixelCoding {
  if (syntax.coding) return syntax.coding;
  const jpeg = syntax.uid.startsWith(`${ROOT}.4.5`);
  throw new EngineError('unsupported', `pixels in transfer syntax "${syntax.name}" are not decoded by this version`, {
    path: 'Transfer Syntax UID (0002,0010)',
    hint: jpeg
      ? 'Decompress the file first, for example with dcmdjpeg from dcmtk.'
      : 'Export the series uncompressed (Explicit VR Little Endian), or decompress it first, for example with gdcmconv --raw.',
  });
}
