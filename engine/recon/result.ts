/**
 * What a reconstruction is asked for and what it hands back: the agreement between the pipeline that computes, the
 * writer of the result folder, and the report. Plain data only, so it crosses process boundaries unchanged.
 */
import type { NdArray } from '../arrays/ndarray.ts';
import type { Scan, SliceGeometry } from '../io/scan.ts';
import type { FitAssessment } from '../prior/fit/assess-fit.ts';

/** What may stand in result.json under `parameters`. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** How to undersample an image that is already reconstructed. Lengths in pixels, angles in degrees. */
export interface SimulationOptions {
  coils: number;
  /** Name of the sampling pattern, physics/mri/masks.ts. */
  mask: string;
  /** Nominal acceleration R. */
  accel: number;
  /** Fully sampled centre as a fraction of the phase-encode lines. */
  acs: number;
  /** Noise standard deviation per real component, as a fraction of the 0.99 quantile of the magnitude. */
  noise: number;
}

/** The beams a CT acquisition can be simulated with. */
export const beamKinds = ['parallel', 'fan', 'cone'] as const;
export type BeamKind = (typeof beamKinds)[number];

/** How to measure an image that is already reconstructed by X-rays. */
export interface CtSimulationOptions {
  /** Number of views. */
  angles: number;
  /** Range of the views in degrees, from 0; its end is left out. */
  arc: number;
  geometry: BeamKind;
  /** Detector of a fan beam on an arc around the source. */
  curved: boolean;
  /** Standard deviation of Gaussian noise as a fraction of the 0.99 quantile of the line integrals. */
  noise: number;
  /** Photons per ray that Poisson noise is drawn for; excludes `noise`. */
  photons?: number;
}

/** Half-open range of views with a step; negative ends count from the back, as of slices. */
export interface ViewSelection {
  from: number;
  to: number;
  step: number;
}

/** What a CT scan leaves open, or where its file is wrong. */
export interface CtReading {
  /** Detector index the rotation centre projects to, or found from the data; absent = from the file, else the middle. */
  centre?: number | 'auto';
  /** Width and height of the image in pixels; absent = from the file, else what the detector sees. */
  imageSize?: number;
  /** Width of a pixel in mm; absent = from the file, else that of a detector element at the rotation axis. */
  pixelMm?: number;
  /** Measured views to use; absent = all. */
  views?: ViewSelection;
}

/** Everything that decides the pixels of one reconstruction, apart from the input itself. */
export interface ReconstructOptions {
  /** Id of the method registry; default dds. */
  method: string;
  /** Prior by name or folder; absent = chosen from the modality and named in the result. */
  prior?: string;
  seed: number;
  steps?: number;
  eta?: number;
  /** CG iterations per data-consistency step, or in total for CG methods. */
  cg?: number;
  gamma?: number;
  /** Standard deviation per real component in k-space units, or estimated from the data. */
  noise?: number | 'auto';
  /** Posterior samples per slice; default 1. */
  samples?: number;
  /** Images per network call; changes no pixel. */
  batch?: number;
  /**
   * Index in the input of the scan's first slice, where only a range of it was read; enters sliceIndices and the random
   * numbers, so that a slice gives the same bytes alone and in its volume. Default 0.
   */
  firstSlice?: number;
  /** complex64 [slices, coils, y, x] or [coils, y, x] given by the user; absent = from the scan, else estimated. */
  maps?: NdArray<'complex64'>;
  /** Magnitude [slices, y, x] or [y, x] to compare with. */
  reference?: NdArray<'float32'>;
  /** k-space of an image scan to simulate; refused for measured data. Image scans need this or `simulateCt`. */
  simulate?: SimulationOptions;
  /** Sinogram of an image scan to simulate. */
  simulateCt?: CtSimulationOptions;
  /** Only for CT. */
  ct?: CtReading;
  /**
   * dds: where to save the state of the sampling, and after every how many steps. A matching checkpoint found there is
   * continued to the same bytes, another refused. Whoever keeps the result removes it.
   */
  checkpoint?: { folder: string; every: number };
  /** dds: most bytes of memory to plan with; absent = what is free. */
  maxMemory?: number;
  /** Send the running estimate with the progress every so many steps; 0 = never. */
  previewEvery?: number;
  /** Other methods to run on the same prepared slices, for the report and the demo. */
  baselines?: readonly string[];
  /** Further parameters of the method, by its schema's names; they win over the named options above. */
  parameters?: Readonly<Record<string, JsonValue>>;
  /** Seconds already spent reading the input, entered under seconds.load. */
  loadSeconds?: number;
}

export interface QualityMetrics {
  /** dB, data range = maximum of the reference volume. */
  psnr: number;
  /** Mean over slices, 7×7 window. */
  ssim: number;
  nmse: number;
}

export interface ResultWarning {
  /** Stable kebab-case name, for example "acs-small". */
  code: string;
  /** One plain sentence. No patient text. */
  message: string;
  value?: number | string | null;
}

/** One step of the sampler, or one iteration of a classical method. Residuals are ‖Ax − y‖/‖y‖. */
export interface CurveRow {
  slice: number;
  step: number;
  t: number | null;
  alphaBar: number | null;
  /** Before and after data consistency; methods without that split give only `after`. */
  before: number | null;
  after: number;
  cgIterations: number | null;
  cgResidual: number | null;
}

/** One line of the consistency table: how well the image explains one part of the measurement. */
export interface ConsistencyRow {
  /** "coil 3", "centre", "middle", "edge", "views 0–14 (0°–28°)", "all". */
  part: string;
  /** ‖Ax − y‖/‖y‖ over that part. */
  residual: number;
  /** σ√m/‖y‖ over that part; null when σ is unknown. */
  expected: number | null;
}

/** Nominal against observed coverage of ±k·std intervals, measured on the reference. */
export interface CalibrationRow {
  /** Nominal two-sided coverage, for example 0.68. */
  nominal: number;
  observed: number;
}

/** Where the rays of a CT scan ran. */
export interface ResultBeam {
  kind: BeamKind;
  /** Views used, and those measured. */
  views: number;
  measuredViews: number;
  /** First to last view and one step more, degrees, at most 360. */
  arcDeg: number;
  /** Detector index the rotation centre projects to, and who said so. */
  centre: number;
  centreFrom: 'option' | 'file' | 'data' | 'middle';
  /** Detector elements. */
  detectors: number;
  /** mm; null when the file does not say. */
  pixelMm: number | null;
  sourceOriginMm: number | null;
  sourceDetectorMm: number | null;
  curved: boolean;
  /** Photons per ray, when stated or simulated. */
  photons: number | null;
  /** Attenuation of water in 1/mm, when known. */
  waterPerMm: number | null;
}

/** Unit of the image's values. */
export const imageUnits = ['HU', '1/mm', '1/pixel', 'arbitrary'] as const;
export type ImageUnit = (typeof imageUnits)[number];

/** Another method's image on the same data, for the report. */
export interface BaselineResult {
  id: string;
  title: string;
  /** float32 [slices, y, x], magnitude, the units of the main image. */
  image: NdArray<'float32'>;
  imageComplex?: NdArray<'complex64'>;
  metrics?: QualityMetrics;
  residual?: { relative: number; expected: number | null };
  nfe: number;
  /** Wall-clock seconds of this method alone. */
  seconds: number;
  parameters: Readonly<Record<string, JsonValue>>;
}

/** How unlike the prior's training images the result is (engine/prior/fit). */
export interface ResultFit extends FitAssessment {
  /** Whose training images it was compared with. */
  prior: string;
  /** One plain sentence. */
  message: string;
}

export interface ReconstructionResult {
  modality: 'MR' | 'CT' | 'OT';
  method: string;
  methodTitle: string;
  /** Absent for methods that use none. */
  prior?: { name: string; hash: string };
  device: string;
  threads: number;
  seed: number;
  /** Every parameter that was used, defaults filled in; no paths. */
  parameters: Readonly<Record<string, JsonValue>>;

  /** Magnitude (MR) or value (CT), float32 [slices, y, x], in the units of the input or of `unit`. */
  image: NdArray<'float32'>;
  /** Absent = arbitrary, that of the input. */
  unit?: ImageUnit;
  /** Only for CT. */
  beam?: ResultBeam;
  /** complex64 [slices, y, x], MR. With several samples: their mean. */
  imageComplex?: NdArray<'complex64'>;
  /** Posterior standard deviation, sqrt(var Re + var Im), float32 [slices, y, x]. */
  std?: NdArray<'float32'>;
  /** Fraction of each pixel supplied by the prior, [0, 1], float32 [slices, y, x]. */
  evidence?: NdArray<'float32'>;
  /** complex64 [slices, coils, y, x], present when they were estimated here. */
  maps?: NdArray<'complex64'>;
  /** Sampling mask used, uint8 [ky, kx] or [slices, ky, kx]. */
  mask?: NdArray<'uint8'>;
  /** float32 [slices, y, x], when given or simulated from. */
  reference?: NdArray<'float32'>;

  metrics?: QualityMetrics;
  calibration?: readonly CalibrationRow[];
  /** Absent for methods that use no prior. */
  fit?: ResultFit;
  /** ‖Ax − y‖/‖y‖ of the final image, and σ√m/‖y‖; null when σ is unknown. */
  residual: { relative: number; expected: number | null };
  consistency: readonly ConsistencyRow[];
  curve: readonly CurveRow[];
  /** Sampled locations over all locations; of CT, views over those a full scan would need. */
  measuredFraction: number;
  /** Network evaluations per slice and sample. */
  nfe: number;
  /** Wall clock; the writer adds `write` and `total`. */
  seconds: { load: number; calibrate: number; sample: number };
  warnings: readonly ResultWarning[];
  baselines: readonly BaselineResult[];

  /** True when the measurement was simulated from an image: derived DICOM must say so. */
  simulated: boolean;
  spacingMm?: readonly [number, number, number];
  /** One per slice of `image`. */
  geometry?: readonly SliceGeometry[];
  /** Indices of the input's slices that were reconstructed, in order. */
  sliceIndices: readonly number[];
  source: { format: string; kind: Scan['kind']; digest: string };
  /** Factor the data were divided by before the prior and multiplied by afterwards. */
  scale?: number;
}
