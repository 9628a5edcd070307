/** What a training loop draws from: augmented images, and held-out ones to validate on. */
import type { Random } from '../../arrays/random.ts';

export interface TrainingImages {
  /** Real channels: 2 for complex images (real, imaginary), 1 for real ones. */
  readonly channels: 1 | 2;
  /** Side of the square training images, pixels. */
  readonly size: number;
  /** Number of slices to draw from. */
  readonly count: number;
  /** Folder-relative names and sizes of the source files, for the model card: no patient names. */
  readonly sources: readonly { name: string; slices: number }[];
  /** The same of what is held out: slices that validation images may come from. */
  readonly heldOut: readonly { name: string; slices: number }[];
  /** What the user should know: files skipped and why, what was held out. No text from inside the files. */
  readonly notes: readonly string[];
  /**
   * One augmented image [channels, size, size] in the prior's units (0.99 quantile of the magnitude 1, or the HU
   * window), written to `out` where given. A function of the random stream alone.
   */
  draw(random: Random, out?: Float32Array): Float32Array;
  /** Held-out images [channels, size, size], the same on every call, without augmentation except the seeded phase. */
  readonly validation: readonly Float32Array[];
}
