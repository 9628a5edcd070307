/**
 * Search over a tuning grid by climbing: one parameter at a time moves to a better neighbour on its list until no
 * parameter can improve. It visits a fraction of the combinations and ends at the best of them where the score has a single
 * peak along each list, as a penalty weight's has; of words all are tried.
 */
import type { TuningGrid } from '../../engine/recon/method.ts';
import { combinations, type ParameterSet } from '../../engine/recon/tune-method.ts';

export interface ClimbTrial {
  parameters: ParameterSet;
  /** dB */
  psnr: number;
}

export interface ClimbResult extends ClimbTrial {
  trials: ClimbTrial[];
  /** Numeric parameters whose best value is the first or last of their list. */
  atEdge: string[];
}

/**
 * From `start`, whose values are taken to the nearest of their lists. `natural`: ends of lists that are ends of what makes
 * sense (a cut-off of 1, a weight of 0), which do not count as edges.
 */
export async function climbGrid(
  grid: TuningGrid,
  start: ParameterSet,
  score: (parameters: ParameterSet) => Promise<number>,
  natural: Readonly<Record<string, readonly number[]>> = {},
): Promise<ClimbResult> {
  const names = Object.keys(grid);
  const known = new Map<string, ClimbTrial>();
  const at = (position: readonly number[]): ParameterSet =>
    Object.fromEntries(names.map((name, k) => [name, grid[name][position[k]]]));
  const trial = async (position: readonly number[]): Promise<ClimbTrial> => {
    const key = position.join(' ');
    const earlier = known.get(key);
    if (earlier) return earlier;
    const parameters = at(position);
    const found = { parameters, psnr: await score(parameters) };
    known.set(key, found);
    return found;
  };
  let here = names.map((name) => nearest(grid[name], start[name]));
  let best = await trial(here);
  for (let moved = true; moved; ) {
    moved = false;
    for (const [k, name] of names.entries()) {
      for (let searching = true; searching; ) {
        searching = false;
        for (const next of neighbours(grid[name], here[k])) {
          const position = here.with(k, next);
          const found = await trial(position);
          if (!(found.psnr > best.psnr)) continue;
          [best, here, moved] = [found, position, true];
          searching = typeof grid[name][next] === 'number';
          if (searching) break;
        }
      }
    }
  }
  return { ...best, trials: [...known.values()], atEdge: edges(grid, best.parameters, natural) };
}

/** Every combination: for methods so quick that nothing has to be assumed. `natural` as in climbGrid. */
export async function tryAll(
  grid: TuningGrid,
  score: (parameters: ParameterSet) => Promise<number>,
  natural: Readonly<Record<string, readonly number[]>> = {},
): Promise<ClimbResult> {
  const trials: ClimbTrial[] = [];
  for (const parameters of combinations(grid)) trials.push({ parameters, psnr: await score(parameters) });
  const best = trials.reduce((a, b) => (b.psnr > a.psnr ? b : a));
  return { ...best, trials, atEdge: edges(grid, best.parameters, natural) };
}

function edges(grid: TuningGrid, best: ParameterSet, natural: Readonly<Record<string, readonly number[]>>): string[] {
  return Object.entries(grid).flatMap(([name, values]) => {
    const value = best[name];
    const end = value === values[0] || value === values.at(-1);
    const edge = typeof value === 'number' && end && values.length > 1 && !(natural[name] ?? []).includes(value);
    return edge ? [name] : [];
  });
}

function nearest(values: TuningGrid[string], wanted: unknown): number {
  const exact = values.indexOf(wanted as (typeof values)[number]);
  if (exact >= 0) return exact;
  if (typeof wanted !== 'number') return Math.floor(values.length / 2);
  let best = 0;
  values.forEach((value, i) => {
    if (Math.abs(Number(value) - wanted) < Math.abs(Number(values[best]) - wanted)) best = i;
  });
  return best;
}

/** Numbers: one step either way. Words: all the others. */
function neighbours(values: TuningGrid[string], at: number): number[] {
  if (typeof values[at] === 'number') return [at + 1, at - 1].filter((i) => i >= 0 && i < values.length);
  return values.map((_, i) => i).filter((i) => i !== at);
}
