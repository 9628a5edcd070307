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
  /** One augmented image [channels, size, size] in the prior's units (0.99 quantile of the magnitude about 1, or the HU window). */
  draw(random: Random): Float32Array;
  /** Held-out images [channels, size, size], the same on every call, without augmentation except the seeded phase. */
  readonly validation: readonly Float32Array[];
}
