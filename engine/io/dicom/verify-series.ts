/** Reads written files back and measures how far they are from what was to be written. */
import { check } from '../../errors.ts';
import type { DerivedSeriesOptions } from './derived-options.ts';
import { derivedClass, isHounsfield, pixelSpacingOf } from './derived-options.ts';
import { parseDicomFile, readUncompressedFrame } from './read-file.ts';

export interface SeriesDifference {
  /** Largest |read − volume|, in units of the volume; HU beyond 16 bits count as clipped. */
  maxPixelError: number;
  /** Largest difference of a position or of a pixel's place at the far corner of a slice, mm. 0 without geometry. */
  maxGeometryErrorMm: number;
}

/**
 * Compares files (in slice order) with the volume and geometry they were made from. Throws `internal` when a file does
 * not even have the right size or lacks its plane.
 */
export function verifySeries(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  expected: Pick<DerivedSeriesOptions, 'volume' | 'geometry' | 'spacingMm' | 'modality' | 'unit' | 'source'>,
): SeriesDifference {
  const [slices, rows, columns] = expected.volume.shape;
  check(files.length === slices, () => `${files.length} files for ${slices} slices`, { code: 'internal' });
  const hounsfield = isHounsfield(expected);
  const flat = derivedClass(expected) === 'secondary';
  const spacing = pixelSpacingOf(expected);
  const pixels = new Float32Array(rows * columns);
  let maxPixelError = 0;
  let maxGeometryErrorMm = 0;
  for (const [index, { name, bytes }] of files.entries()) {
    const file = parseDicomFile(bytes);
    check(file.pixels.rows === rows && file.pixels.columns === columns, () => 'size differs', {
      code: 'internal',
      path: name,
    });
    readUncompressedFrame(file, 0, pixels);
    const wanted = expected.volume.data.subarray(index * pixels.length, (index + 1) * pixels.length);
    for (let i = 0; i < pixels.length; i++) {
      const value = hounsfield ? Math.min(32767, Math.max(-32768, wanted[i])) : wanted[i];
      maxPixelError = Math.max(maxPixelError, Math.abs(pixels[i] - value));
    }
    const plane = expected.geometry?.[index];
    const { geometry, pixelSpacing } = file.frames[0];
    if (flat || !plane || !spacing) continue;
    check(geometry !== undefined && pixelSpacing !== undefined, () => 'plane is missing', {
      code: 'internal',
      path: name,
    });
    // The far corner sees errors of position, direction and spacing together.
    const corner = (at: typeof plane, dy: number, dx: number): number[] =>
      at.position.map((mm, k) => mm + at.rowCosines[k] * dx * (columns - 1) + at.columnCosines[k] * dy * (rows - 1));
    const far = corner(geometry, ...pixelSpacing);
    const wantedFar = corner(plane, ...spacing);
    const moved = Math.hypot(...geometry.position.map((mm, k) => mm - plane.position[k]));
    maxGeometryErrorMm = Math.max(maxGeometryErrorMm, moved, Math.hypot(...far.map((mm, k) => mm - wantedFar[k])));
  }
  return { maxPixelError, maxGeometryErrorMm };
}
