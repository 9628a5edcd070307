/** Methods, priors and solvers, with what a form needs to be drawn from them. */
import { z } from 'zod';

/** JSON Schema of a parameter object: types, defaults, ranges, description, unit. */
export const parameterSchema = z.record(z.string(), z.json());

export const preset = z.strictObject({ id: z.string(), title: z.string(), summary: z.string() });

export const methodForm = z.strictObject({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  parameters: parameterSchema,
  presets: z.array(preset),
  /** Draws detail from a prior. */
  usesPrior: z.boolean(),
});
export type MethodForm = z.output<typeof methodForm>;

export const priorCard = z.strictObject({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  modality: z.string(),
  licence: z.string(),
  licenceKnown: z.boolean(),
  channels: z.int(),
  parameters: z.number(),
  hash: z.string(),
  /** Training data, intended use, limits: heading and text. */
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })),
});

export const solverForm = z.strictObject({
  id: z.string(),
  title: z.string(),
  group: z.string(),
  summary: z.string(),
  citation: z.string(),
  inputs: z.array(
    z.strictObject({
      name: z.string(),
      types: z.array(z.string()),
      required: z.boolean(),
      description: z.string(),
      shape: z.string().optional(),
    }),
  ),
  outputs: z.array(z.strictObject({ name: z.string(), type: z.string(), description: z.string() })),
  parameters: parameterSchema,
  /** Why it cannot be run; null when it can. */
  unavailable: z.string().nullable(),
});
export type SolverForm = z.output<typeof solverForm>;

/** What can be done with an item: methods for its modality and what they would take by default. */
export const methodList = z.strictObject({
  methods: z.array(methodForm),
  priors: z.array(z.string()),
  defaultMethod: z.string(),
  defaultPrior: z.string().nullable(),
  /** Methods worth comparing with. */
  defaultCompare: z.array(z.string()),
  /** Image series must be undersampled first. */
  needsSimulation: z.boolean(),
  /** Sampling patterns of MRI simulation. */
  masks: z.array(z.string()),
});
