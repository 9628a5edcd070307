/** What the readers return. Patient text stays inside `dicom` attributes of image series and is never logged. */
import type { NdArray } from '../arrays/ndarray.ts';

/** Where one slice lies, DICOM patient coordinates (LPS), mm. */
export interface SliceGeometry {
  /** Centre of the first (top-left) pixel. */
  position: [number, number, number];
  /** Unit vectors along increasing column index and increasing row index. */
  rowCosines: [number, number, number];
  columnCosines: [number, number, number];
}

interface Common {
  /** Reader that recognised the content: "npz", "fastmri", "ismrmrd", "cfl", "nifti", "dicom", "npy". */
  format: string;
  /** [dz, dy, dx] in mm when known. */
  spacingMm?: [number, number, number];
  /** Per slice, when known. */
  geometry?: SliceGeometry[];
  /** sha256 over the input's bytes (files in sorted order), independent of path and name. */
  digest: string;
  /** Things the user should know (skipped readouts, assumptions made). No patient text. */
  notes: string[];
}

/** Cartesian k-space, centred, orthonormal FFT convention (zero frequency at floor(n/2)). */
export interface KspaceScan extends Common {
  kind: 'kspace';
  /** complex64 [slices, coils, ky, kx]; exact zeros where not measured. */
  kspace: NdArray<'complex64'>;
  /** 0/1, [ky, kx] shared by all slices or [slices, ky, kx]. */
  mask: NdArray<'uint8'>;
  /** complex64 [slices, coils, y, x] when the file carries them. */
  maps?: NdArray<'complex64'>;
  /** Calibration-only lines (ISMRMRD flag 20), same layout as kspace, when separate. */
  calibration?: NdArray<'complex64'>;
  /** Channel noise covariance from noise scans, complex64 [coils, coils]; unit: k-space units squared, E[n nᴴ]. */
  noiseCovariance?: NdArray<'complex64'>;
  /** How often each location was averaged, [ky, kx] or [slices, ky, kx]; absent = once. */
  averages?: NdArray<'float32'>;
  /** Final image size [y, x] when it differs from the stored grid (central crop in the image domain). */
  imageSize?: [number, number];
  /** Names of the outer axes folded into "slices", e.g. contrast and repetition, with their sizes. */
  outerAxes?: { name: string; size: number }[];
  /** Fully sampled reference magnitude stored beside the data (fastMRI, simulated scans), float32 [slices, y, x]. */
  reference?: NdArray<'float32'>;
}

export interface ConeRows {
  rowSpacingMm: number;
  /** Detector row the plane of the source projects to; absent = the middle. */
  rowCentre?: number;
  /** Slices of the image; absent = as many as the detector sees. */
  slices?: number;
}

export interface SinogramScan extends Common {
  kind: 'sinogram';
  /** Line integrals of attenuation: float32 [slices, angles, detectors], of a cone beam [angles, rows, detectors]. */
  sinogram: NdArray<'float32'>;
  anglesDeg: Float64Array;
  detectorSpacingMm?: number;
  pixelSpacingMm?: number;
  imageSize?: number;
  /** Detector index the rotation centre projects to; absent = the middle. */
  detectorCentre?: number;
  /** Rays from one point, on a flat detector unless `curved` (an arc around the source); absent = parallel beam. */
  fan?: { sourceOriginMm: number; sourceDetectorMm: number; curved?: boolean };
  /** Rows of a flat detector on a circular cone beam (with `fan`), and the image's slices. */
  cone?: ConeRows;
  /** Distance of the image's slices. */
  sliceSpacingMm?: number;
  /** Attenuation of water in 1/mm: makes Hounsfield units of the image. */
  waterPerMm?: number;
  /** Photons per ray without object. */
  photons?: number;
  /** Reference image stored beside the data (simulated scans), float32 [slices, y, x], 1/mm, or 1/pixel without spacing. */
  reference?: NdArray<'float32'>;
}

/** Already reconstructed images; acquisition must be simulated from them. */
export interface ImageScan extends Common {
  kind: 'image';
  /** float32 or complex64 [slices, y, x], rows top to bottom. Rescaled units (HU for CT). */
  volume: NdArray<'float32'> | NdArray<'complex64'>;
  modality: 'MR' | 'CT' | 'OT';
  /** Degrees the gantry was leaning, where the files say so: rows, columns and slices are not at right angles then. */
  gantryTiltDeg?: number;
  /** Parsed source instances, in slice order, for derived DICOM (patient and study modules are kept verbatim). */
  dicom?: import('./dicom/source.ts').DicomSource;
}

export type Scan = KspaceScan | SinogramScan | ImageScan;
