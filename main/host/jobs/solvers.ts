/** What solvers there are. */
import { z } from 'zod';
import { findSolver, solvers as known } from '../../../engine/solvers/registry.ts';
import { describeSolver, type Solver } from '../../../engine/solvers/sdk.ts';
import { job } from '../job.ts';

const slot = z.object({
  name: z.string(),
  types: z.array(z.string()),
  required: z.boolean(),
  description: z.string(),
  shape: z.string().optional(),
});

const description = z.object({
  id: z.string(),
  title: z.string(),
  group: z.string(),
  summary: z.string(),
  citation: z.string(),
  inputs: z.array(slot),
  outputs: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })),
  /** JSON Schema. */
  parameters: z.record(z.string(), z.json()),
});
export type SolverDescription = z.output<typeof description>;

export const solvers = job({
  input: z.object({ id: z.string().optional() }),
  output: z.array(description),
  run: async ({ id }) => {
    const chosen: readonly Solver[] = id === undefined ? known : [findSolver(id)];
    return chosen.map((solver) => description.parse(describeSolver(solver)));
  },
});
