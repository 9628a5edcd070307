/**
 * Tuning of a baseline by penalty weight and iteration count. Weights are start·2ᵏ; the search climbs from k = 0 until
 * both neighbours of the best weight are worse, so the best never lies at the edge of what was tried. Iteration counts
 * come for free: one run reports its PSNR at every checkpoint. Where the last checkpoint is still the best by a margin,
 * the run is repeated with twice as many.
 */

export interface ClimbOptions {
  /** Weight of k = 0. */
  start: number;
  /** Also try the weight 0. */
  zero?: boolean;
  /** Increasing iteration counts. */
  checkpoints: readonly number[];
  /** Mean PSNR over the slices at each checkpoint, dB. */
  psnr(weight: number, checkpoints: readonly number[]): Promise<number[]>;
}

export interface Trial {
  weight: number;
  iterations: number;
  psnr: number;
}

export interface Tuned extends Trial {
  trials: Trial[];
  /** Parameters whose best value is the last that was tried: the search was cut short. */
  atEdge: ('weight' | 'iterations')[];
}

/** Steps of factor 2 either way. */
const reach = 12;
/** Gains below this count as none, dB. */
const margin = 0.02;
const mostDoublings = 4;

export async function tuneByClimbing({ start, zero, checkpoints, psnr }: ClimbOptions): Promise<Tuned> {
  const trials: Trial[] = [];
  const attempt = async (weight: number, counts: readonly number[]): Promise<number> => {
    const found = await psnr(weight, counts);
    counts.forEach((iterations, i) => {
      trials.push({ weight, iterations, psnr: found[i] });
    });
    return Math.max(...found);
  };
  const scores = new Map<number, number>();
  const score = async (step: number): Promise<number> => {
    const known = scores.get(step);
    if (known !== undefined) return known;
    const found = await attempt(start * 2 ** step, checkpoints);
    scores.set(step, found);
    return found;
  };
  let step = 0;
  for (let moved = true; moved; ) {
    moved = false;
    const here = await score(step);
    for (const next of [step + 1, step - 1]) {
      if (moved || Math.abs(next) > reach || !((await score(next)) > here)) continue;
      step = next;
      moved = true;
    }
  }
  if (zero) await attempt(0, checkpoints);

  let counts = checkpoints;
  for (let n = 0; n < mostDoublings && stillRising(trials, counts); n++) {
    const last = counts.at(-1) ?? 1;
    counts = [...counts, Math.round(1.5 * last), 2 * last];
    await attempt(bestOf(trials).weight, counts);
  }
  const best = bestOf(trials);
  const atEdge: Tuned['atEdge'] = [];
  if (Math.abs(step) === reach && best.weight !== 0) atEdge.push('weight');
  if (stillRising(trials, counts)) atEdge.push('iterations');
  return { ...best, trials, atEdge };
}

function bestOf(trials: readonly Trial[]): Trial {
  return trials.reduce((best, trial) => (trial.psnr > best.psnr ? trial : best));
}

/** Whether the best weight gained at the last checkpoint over all earlier ones. */
function stillRising(trials: readonly Trial[], counts: readonly number[]): boolean {
  const best = bestOf(trials);
  if (best.iterations !== counts.at(-1) || counts.length < 2) return false;
  const earlier = trials.filter(({ weight, iterations }) => weight === best.weight && iterations < best.iterations);
  return best.psnr > Math.max(...earlier.map((trial) => trial.psnr)) + margin;
}
