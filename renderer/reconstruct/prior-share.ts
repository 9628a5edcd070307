/** Share of an image's signal that the prior supplied: Σ|x|·e / Σ|x|, slice by slice over the data routes. */
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { host } from '../app/session.ts';

/** More slices than that are looked at evenly spaced. */
const mostSlices = 48;

export interface Share {
  share: number;
  looked: number;
  of: number;
}

/** Adds one slice; signal is counted from air, which is −1000 HU. */
export function addShare(
  sums: { weighted: number; total: number },
  image: Float32Array,
  evidence: Float32Array,
  offset: number,
): void {
  for (let i = 0; i < image.length; i++) {
    const signal = Math.abs(image[i] + offset);
    if (!Number.isFinite(signal) || !Number.isFinite(evidence[i])) continue;
    sums.weighted += signal * evidence[i];
    sums.total += signal;
  }
}

/** Rejects with HostError. */
export async function priorShare(item: ItemDescription, signal?: AbortSignal): Promise<Share> {
  const image = item.components.find(({ name }) => name === 'image');
  const count = item.slices;
  const looked = Math.min(count, mostSlices);
  const sums = { weighted: 0, total: 0 };
  for (let k = 0; k < looked; k++) {
    const slice = Math.floor((k * count) / looked);
    const [pixels, evidence] = await Promise.all(
      ['image', 'evidence'].map(async (name) => {
        const url = dataRoutes.pixels(item.id, item.revision, name, slice);
        return new Float32Array(await host().data(url, signal));
      }),
    );
    addShare(sums, pixels, evidence, image?.unit === 'HU' ? 1000 : 0);
  }
  return { share: sums.total === 0 ? 0 : sums.weighted / sums.total, looked, of: count };
}
