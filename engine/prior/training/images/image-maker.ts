/**
 * A slice of a volume → a training image [channels, size, size]. The order is: turn, flip, zoom, deformation and voxel
 * size in one interpolation; intensities; phase; air; low-pass; scaling. All buffers belong to the maker and are
 * reused, so one maker serves one thread. Nothing is remembered from image to image.
 */
import type { Random } from '../../../arrays/random.ts';
import { quantileInPlace } from '../../../arrays/statistics.ts';
import type { TrainingConfig } from '../training-config.ts';
import { between } from './between.ts';
import { drawPlacement } from './draw-placement.ts';
import { fillAir, lowPass } from './imperfections.ts';
import { bias, gainOffset, gamma, inserts, intensityMap } from './intensities.ts';
import { type Displacement, type Placement, PlanePlacer } from './place-plane.ts';
import type { PlaneView } from './plane-views.ts';
import { SmoothField } from './smooth-field.ts';
import { drawPhase } from './synthetic-phase.ts';
import { copySlice, type TrainingVolume, type UsableSlice } from './training-volume.ts';

export type ImageOptions = Pick<
  TrainingConfig,
  'modality' | 'size' | 'image' | 'complex' | 'phase' | 'fit' | 'augmentations'
>;

/** A slice with the volume and the view it is seen in. */
export interface SliceChoice {
  volume: TrainingVolume;
  view: PlaneView;
  slice: UsableSlice;
}

/** Standard deviations of a Gaussian spectrum kept of elastic displacements. */
const ELASTIC_TAIL = 3;
/** Scaling quantile of magnitudes before intensities are changed. */
const REFERENCE = 0.99;

export class ImageMaker {
  private readonly options: ImageOptions;
  private readonly placer: PlanePlacer;
  private readonly smooth: SmoothField;
  private plane = new Float32Array(0);
  private readonly re: Float32Array;
  private readonly im: Float32Array;
  private readonly magnitude: Float32Array;
  private readonly work: Float32Array;
  private readonly phase: Float32Array;
  private readonly displacement: Displacement;
  private readonly complex: Float32Array;
  private readonly normals: Float32Array;
  private readonly order: Float64Array;

  constructor(options: ImageOptions) {
    const pixels = options.size * options.size;
    const image = () => new Float32Array(pixels);
    this.options = options;
    this.placer = new PlanePlacer(options.size);
    this.smooth = new SmoothField(options.size);
    this.re = image();
    this.im = image();
    this.magnitude = image();
    this.work = image();
    this.phase = image();
    this.displacement = { y: image(), x: image(), largest: 0 };
    this.complex = new Float32Array(2 * pixels);
    this.normals = new Float32Array(2 * pixels);
    this.order = new Float64Array(pixels);
  }

  /** An augmented image; a function of the slice and the random stream alone. `out`: [channels, size, size]. */
  augmented(choice: SliceChoice, random: Random, out: Float32Array): void {
    const { augmentations: a, size, modality } = this.options;
    const { view, slice } = choice;
    const placement = drawPlacement(random, a, slice.box, view.spacing, view.spacingKnown, size);
    const elastic = random.uniform() < a.elastic.probability ? this.drawDisplacement(random) : undefined;
    this.load(choice, placement, elastic);
    const complexSource = choice.volume.im !== undefined;
    if (modality === 'ct') {
      if (random.uniform() < a.gain.probability) gainOffset(random, a.gain, this.water(), this.re);
      if (random.uniform() < a.inserts.probability) inserts(random, a.inserts, size, this.re);
      this.writeReal(out);
      return;
    }
    this.takeMagnitude(complexSource);
    const m = this.magnitude;
    const reference = this.quantileOf(m, REFERENCE);
    if (reference > 0) for (let i = 0; i < m.length; i++) m[i] /= reference;
    if (random.uniform() < a.gamma.probability) gamma(random, a.gamma, m);
    if (random.uniform() < a.intensityMap.probability) intensityMap(random, a.intensityMap, m);
    if (random.uniform() < a.bias.probability) bias(random, a.bias, this.smooth, this.work, m);
    // 'none' keeps the units of the file.
    if (this.options.image.rule !== 'quantile' && reference > 0) for (let i = 0; i < m.length; i++) m[i] *= reference;
    this.addPhase(random, complexSource);
    if (random.uniform() < a.air.probability) fillAir(random, a.air, m, this.normals, this.complex);
    if (random.uniform() < a.lowPass.probability) lowPass(random, a.lowPass, size, this.complex);
    this.writeComplex(out);
  }

  /** The slice as it is, fitted to the matrix, with a phase where images are complex. `out`: [channels, size, size]. */
  plain(choice: SliceChoice, random: Random, out: Float32Array): void {
    this.load(choice, undefined, undefined);
    if (this.options.modality === 'ct') {
      this.writeReal(out);
      return;
    }
    this.takeMagnitude(choice.volume.im !== undefined);
    this.addPhase(random, choice.volume.im !== undefined);
    this.writeComplex(out);
  }

  /** this.re (and this.im) ← the slice on the training matrix, windowed where the rule says so. */
  private load(
    { volume, view, slice }: SliceChoice,
    placement: Placement | undefined,
    elastic: Displacement | undefined,
  ) {
    const pixels = view.rows * view.columns;
    if (this.plane.length < pixels) this.plane = new Float32Array(pixels);
    const plane = this.plane;
    const { image, fit } = this.options;
    const put = (data: Float32Array | Int16Array, out: Float32Array) => {
      copySlice(data, view, slice.index, plane);
      if (image.rule === 'window') {
        const [low, high] = image.window;
        const factor = 1 / (high - low);
        for (let i = 0; i < pixels; i++) plane[i] = Math.min(image.ceiling, Math.max(0, (plane[i] - low) * factor));
      }
      if (placement === undefined) this.placer.fit(plane, view, fit, out);
      else this.placer.place(plane, view, placement, elastic, out);
    };
    put(volume.re, this.re);
    if (volume.im !== undefined) put(volume.im, this.im);
  }

  /** Where water (0 HU) lies after scaling. */
  private water(): number {
    const { image } = this.options;
    return image.rule === 'window' ? -image.window[0] / (image.window[1] - image.window[0]) : 0;
  }

  private drawDisplacement(random: Random): Displacement {
    const { elastic } = this.options.augmentations;
    const { size } = this.options;
    // The spectrum of a field smoothed with standard deviation σ has standard deviation 1/(2πσ) cycles per pixel.
    const width = size / (2 * Math.PI * elastic.sigma);
    const spectrum = { width, highest: Math.min(ELASTIC_TAIL * width, size / 2) };
    const d = this.displacement;
    this.smooth.fill(random, spectrum, d.y);
    this.smooth.fill(random, spectrum, d.x);
    let peak = 0;
    for (let i = 0; i < d.y.length; i++) peak = Math.max(peak, d.y[i] * d.y[i] + d.x[i] * d.x[i]);
    d.largest = between(random, elastic.amplitude);
    const factor = peak > 0 ? d.largest / Math.sqrt(peak) : 0;
    for (let i = 0; i < d.y.length; i++) {
      d.y[i] *= factor;
      d.x[i] *= factor;
    }
    return d;
  }

  /** this.magnitude ← |image|; ringing below 0 of real images is cut. */
  private takeMagnitude(complexSource: boolean): void {
    const { re, im, magnitude } = this;
    for (let i = 0; i < re.length; i++)
      magnitude[i] = complexSource ? Math.sqrt(re[i] * re[i] + im[i] * im[i]) : Math.max(0, re[i]);
  }

  /** this.complex ← magnitude · e^{iφ}; φ: synthetic, or the scan's own and a random constant; 0 for real images. */
  private addPhase(random: Random, complexSource: boolean): void {
    const { re, im, magnitude: m, complex: z } = this;
    if (!this.options.complex) {
      for (let i = 0; i < m.length; i++) {
        z[2 * i] = m[i];
        z[2 * i + 1] = 0;
      }
      return;
    }
    if (complexSource) {
      const constant = 2 * Math.PI * random.uniform();
      const c = Math.cos(constant);
      const s = Math.sin(constant);
      for (let i = 0; i < m.length; i++) {
        const length = Math.sqrt(re[i] * re[i] + im[i] * im[i]);
        const factor = length > 0 ? m[i] / length : 0;
        z[2 * i] = factor * (re[i] * c - im[i] * s);
        z[2 * i + 1] = factor * (re[i] * s + im[i] * c);
      }
      return;
    }
    drawPhase(random, this.options.phase, this.smooth, this.work, this.phase);
    for (let i = 0; i < m.length; i++) {
      z[2 * i] = m[i] * Math.cos(this.phase[i]);
      z[2 * i + 1] = m[i] * Math.sin(this.phase[i]);
    }
  }

  private quantileOf(m: Float32Array, q: number): number {
    this.order.set(m);
    return quantileInPlace(this.order, q);
  }

  /** What the image is divided by. An empty image stays empty. */
  private divisor(magnitude: Float32Array): number {
    const { image } = this.options;
    const found = image.rule === 'quantile' ? this.quantileOf(magnitude, image.quantile) : 1;
    return found > 0 ? found : 1;
  }

  private writeReal(out: Float32Array): void {
    const { re } = this;
    const { image } = this.options;
    if (image.rule === 'window') {
      for (let i = 0; i < re.length; i++) out[i] = Math.min(image.ceiling, Math.max(0, re[i]));
      return;
    }
    for (let i = 0; i < re.length; i++) this.magnitude[i] = Math.abs(re[i]);
    const divisor = this.divisor(this.magnitude);
    for (let i = 0; i < re.length; i++) out[i] = re[i] / divisor;
  }

  private writeComplex(out: Float32Array): void {
    const { complex: z, magnitude: m } = this;
    const n = m.length;
    for (let i = 0; i < n; i++) m[i] = Math.sqrt(z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1]);
    const divisor = this.divisor(m);
    const { image } = this.options;
    const ceiling = image.rule === 'window' ? image.ceiling : Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      if (this.options.complex) {
        out[i] = z[2 * i] / divisor;
        out[n + i] = z[2 * i + 1] / divisor;
      } else out[i] = Math.min(ceiling, m[i] / divisor);
    }
  }
}
