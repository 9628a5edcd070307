/**
 * What a derived DICOM series needs of the series it was made from. The text in `elements` is patient data: it is kept
 * as the bytes of the file (their character set is declared by Specific Character Set in the same list), goes into
 * derived DICOM and nowhere else, and is never logged.
 */

export interface DicomElement {
  /** (group << 16 | element), unsigned. */
  readonly tag: number;
  /** Two-letter value representation; resolved from the dictionary when the file does not carry it. */
  readonly vr: string;
  /** Value bytes, little endian, exactly as long as in the file. Empty for sequences. */
  readonly value: Uint8Array;
  /** Items of a sequence (VR SQ). */
  readonly items?: readonly (readonly DicomElement[])[];
  /** Compressed pixel data: `value` holds fragments and their end mark, and the length is written as undefined. */
  readonly encapsulated?: true;
}

/** Display window as the file states it. */
export interface DicomWindow {
  center: number;
  width: number;
  /** VOI LUT Function (0028,1056); LINEAR when absent. */
  voiFunction: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
}

/** One instance (file). Frames of a multi-frame file share one object. */
export interface SourceInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly instanceNumber?: number;
  /** Every public attribute except pixel data, overlays and curves; sorted by tag, private groups already left out. */
  readonly elements: readonly DicomElement[];
}

export interface DicomSource {
  /** One entry per slice of the volume, in slice order. */
  readonly slices: readonly { readonly instance: SourceInstance; readonly frame: number }[];
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReferenceUid?: string;
  readonly sopClassUid: string;
  /** Whether the instances hold more than one frame, so that top-level attributes are not per slice. */
  readonly multiFrame: boolean;
  readonly transferSyntax: string;
  /** Set when any instance was compressed with loss at some time: ratios and methods as far as stated. */
  readonly lossy?: { readonly ratio?: string; readonly method?: string };
  readonly photometric: 'MONOCHROME1' | 'MONOCHROME2';
  readonly window?: DicomWindow;
  /** Rescaled value = slope · stored + intercept, of the first slice; `uniform` when all slices agree. */
  readonly rescale: { readonly slope: number; readonly intercept: number; readonly uniform: boolean };
  /** Slice grid: [rows, columns]. */
  readonly grid: readonly [number, number];
  /** [dy, dx] mm, also where the slice spacing is not known. */
  readonly pixelSpacing?: readonly [number, number];
}
