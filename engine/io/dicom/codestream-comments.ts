/**
 * Comments inside compressed frames (JPEG, JPEG-LS, JPEG 2000): free text and camera data that no attribute shows. They
 * are overwritten in place, so every length and offset stays and the picture is the same.
 */

const SPACE = 0x20;

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** JPEG and JPEG-LS: COM, and application data but JFIF, Adobe and HP's colour transform, up to the first scan. */
function blankJpeg(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start + 2; at + 4 <= end && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const length = uint16(bytes, at + 2);
    const application = marker >= 0xe1 && marker <= 0xef && marker !== 0xe8 && marker !== 0xee;
    if (length >= 2 && at + 2 + length <= end && (marker === 0xfe || application))
      bytes.fill(SPACE, at + 4, at + 2 + length);
    at += 2 + length;
  }
}

/** JPEG 2000 and HTJ2K: COM of the main header. */
function blankJpeg2000(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start + 2; at + 4 <= end && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0x90 || marker === 0xd9) return;
    const length = uint16(bytes, at + 2);
    // The two bytes after the length say whether the comment is text.
    if (marker === 0x64 && length >= 4 && at + 2 + length <= end) bytes.fill(SPACE, at + 6, at + 2 + length);
    at += 2 + length;
  }
}

/** Works on a run of fragments (PS3.5 §A.4), in place. */
export function blankComments(fragments: Uint8Array): void {
  const view = new DataView(fragments.buffer, fragments.byteOffset, fragments.byteLength);
  for (let at = 0; at + 8 <= fragments.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    const end = Math.min(start + length, fragments.length);
    if (view.getUint16(at + 2, true) === 0xe0dd) return;
    if (fragments[start] === 0xff && fragments[start + 1] === 0xd8) blankJpeg(fragments, start, end);
    else if (fragments[start] === 0xff && fragments[start + 1] === 0x4f) blankJpeg2000(fragments, start, end);
    at = end;
  }
}
