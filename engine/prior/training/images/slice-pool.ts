/** The slices that may be drawn: a volume, then one of its planes, then one of the plane's slices. */
import type { Random } from '../../../arrays/random.ts';
import type { TrainingConfig } from '../training-config.ts';
import type { SliceChoice } from './image-maker.ts';
import type { PlaneView } from './plane-views.ts';
import type { TrainingVolume, UsableSlice } from './training-volume.ts';

export interface IndexedView {
  view: PlaneView;
  slices: UsableSlice[];
}

export interface IndexedVolume {
  volume: TrainingVolume;
  views: IndexedView[];
}

export function sliceCount(volumes: readonly IndexedVolume[]): number {
  return volumes.reduce((sum, { views }) => sum + views.reduce((n, v) => n + v.slices.length, 0), 0);
}

/** Index of the entry a uniform number falls on; `total` is the sum of the weights. */
function pick(weights: readonly number[], total: number, uniform: number): number {
  let left = uniform * total;
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

export class SlicePool {
  private readonly volumes: readonly IndexedVolume[];
  private readonly weights: number[];
  private readonly total: number;
  private readonly planeWeights: { weights: number[]; total: number }[];

  /** Every volume must have a view with slices. */
  constructor(volumes: readonly IndexedVolume[], planes: TrainingConfig['planes']) {
    this.volumes = volumes;
    // The root keeps a volume of many slices from drowning the anatomy of the others.
    this.weights = volumes.map((v) => Math.sqrt(sliceCount([v])));
    this.total = this.weights.reduce((a, b) => a + b, 0);
    this.planeWeights = volumes.map(({ views }) => {
      const wished = views.map(({ view }) => planes[view.name]);
      const weights = wished.some((w) => w > 0) ? wished : views.map(() => 1);
      return { weights, total: weights.reduce((a, b) => a + b, 0) };
    });
  }

  draw(random: Random): SliceChoice {
    const v = pick(this.weights, this.total, random.uniform());
    const { volume, views } = this.volumes[v];
    const planes = this.planeWeights[v];
    const { view, slices } = views[pick(planes.weights, planes.total, random.uniform())];
    return { volume, view, slice: slices[random.integer(slices.length)] };
  }
}
