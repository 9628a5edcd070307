/** Every companion solver by id. */
import { EngineError } from '../errors.ts';
import { dds } from './dds/solver.ts';
import { flexicubes } from './flexicubes/solver.ts';
import { heatGeodesic } from './heat-geodesic/solver.ts';
import { rvgp } from './rvgp/solver.ts';
import type { Solver } from './sdk.ts';
import { sinkhornNewtonSparse } from './sinkhorn-newton-sparse/solver.ts';

export const solvers: readonly Solver[] = [dds, flexicubes, heatGeodesic, rvgp, sinkhornNewtonSparse];

/** Throws `not-found` naming the solvers there are. */
export function findSolver(id: string): Solver {
  const solver = solvers.find(({ manifest }) => manifest.id === id);
  if (solver) return solver;
  throw new EngineError('not-found', `there is no solver ${JSON.stringify(id)}`, {
    path: id,
    hint: `solvers are ${solvers.map(({ manifest }) => manifest.id).join(', ')}`,
  });
}
