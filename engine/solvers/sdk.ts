/**
 * The interface of a companion solver, version 1: a manifest and a `run`. From the manifest alone come the menu entry, the
 * parameter form, the command-line flags, the help, validation and the documentation page.
 */
import { z } from 'zod';
import type { RunContext } from '../context.ts';
import { check, EngineError } from '../errors.ts';
import type { Artifact, ArtifactType, Json } from './artifact.ts';

export const sdkVersion = 1;

export interface InputSlot {
  name: string;
  /** Types accepted. */
  types: readonly ArtifactType[];
  required: boolean;
  /** One sentence. */
  description: string;
  /** Shapes accepted, with axis names, for example "[C, H, W]". */
  shape?: string;
  /** NaN and infinities are let through: the solver says what it does with them. */
  nonFinite?: boolean;
}

export interface OutputSlot {
  /** Also the name of its file. */
  name: string;
  type: ArtifactType;
  description: string;
}

export interface SolverManifest {
  /** Kebab case, unique. */
  id: string;
  title: string;
  /** Section of the Solvers menu. */
  group: string;
  /** One or two sentences. */
  summary: string;
  citation: string;
  inputs: readonly InputSlot[];
  outputs: readonly OutputSlot[];
  /** Every field carries `meta({ description, unit? })`. */
  parameters: z.ZodObject;
}

export type Inputs = Readonly<Record<string, Artifact>>;

export interface SolverResult {
  artifacts: Record<string, Artifact>;
  metrics: Record<string, number | null>;
  /** All parameters used, defaults filled in. */
  parameters: Record<string, Json>;
  warnings: { code: string; message: string; value?: number }[];
}

export interface Solver {
  readonly manifest: SolverManifest;
  /** `settings` holds only what the caller chose. Throws `bad-usage` for unknown names and values out of range. */
  run(inputs: Inputs, settings: Readonly<Record<string, unknown>>, context: RunContext): Promise<SolverResult>;
  /** The paper's experiments at desktop size, on data made from `seed`; every figure with its bar in the table `table`. */
  readonly demo?: (seed: number, context: RunContext) => Promise<SolverResult>;
}

export interface SolverDefinition<P> {
  manifest: SolverManifest;
  /** Complete parameters from the chosen ones; default: the schema with its defaults. */
  resolve?(settings: Readonly<Record<string, unknown>>): P;
  run(inputs: Inputs, parameters: P, context: RunContext): Promise<Omit<SolverResult, 'parameters'>>;
  /** What result.json records; default: the parameters themselves. */
  record?(parameters: P): Record<string, Json>;
  demo?(seed: number, context: RunContext): Promise<Omit<SolverResult, 'parameters'>>;
}

/** Makes a solver whose inputs and parameters are checked against the manifest before it runs. */
export function defineSolver<P>(definition: SolverDefinition<P>): Solver {
  const { manifest, demo } = definition;
  return {
    manifest,
    async run(inputs, settings, context) {
      checkInputs(manifest, inputs);
      const parsed = parseSettings(manifest, settings);
      const parameters = definition.resolve ? definition.resolve(settings) : (parsed as P);
      const result = await definition.run(inputs, parameters, context);
      const record = definition.record ? definition.record(parameters) : (parsed as Record<string, Json>);
      return { ...result, parameters: record };
    },
    ...(demo === undefined
      ? {}
      : { demo: async (seed, context) => ({ ...(await demo(seed, context)), parameters: { demo: true, seed } }) }),
  };
}

function checkInputs(manifest: SolverManifest, inputs: Inputs): void {
  const names = manifest.inputs.map(({ name }) => name).join(', ');
  for (const [name, artifact] of Object.entries(inputs)) {
    const slot = manifest.inputs.find((candidate) => candidate.name === name);
    check(slot !== undefined, () => `${manifest.id} has no input ${JSON.stringify(name)}`, {
      code: 'bad-usage',
      path: name,
      hint: `inputs are ${names}`,
    });
    check(
      slot.types.includes(artifact.type),
      () => `input ${name} must be ${slot.types.join(' or ')}, found ${artifact.type}`,
      { path: name },
    );
  }
  for (const slot of manifest.inputs)
    check(!slot.required || inputs[slot.name] !== undefined, () => `${manifest.id} needs the input ${slot.name}`, {
      code: 'bad-usage',
      path: slot.name,
      hint: slot.description,
    });
}

/** The schema's output for the chosen settings. Throws `bad-usage` naming the parameter and the allowed values. */
export function parseSettings(
  manifest: SolverManifest,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const name of Object.keys(settings))
    check(Object.hasOwn(manifest.parameters.shape, name), () => `${manifest.id} has no parameter ${name}`, {
      code: 'bad-usage',
      path: name,
      hint: `parameters are ${Object.keys(manifest.parameters.shape).join(', ')}`,
    });
  const parsed = manifest.parameters.safeParse(settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = String(issue.path[0] ?? '');
  throw new EngineError('bad-usage', `parameter ${path}: ${issue.message}`, {
    path,
    hint: allowedValues(manifest, path),
  });
}

/** "0 to 1", "ddim, dpm2m", "auto or a number": what a parameter may be, from its schema. */
export function allowedValues(manifest: SolverManifest, name: string): string {
  const field = manifest.parameters.shape[name];
  if (field === undefined) return '';
  return `allowed: ${allowedOf(z.toJSONSchema(field as z.ZodType, { io: 'input', unrepresentable: 'any' }))}`;
}

interface JsonSchemaPart {
  anyOf?: JsonSchemaPart[];
  enum?: unknown[];
  const?: unknown;
  type?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  items?: JsonSchemaPart;
}

function allowedOf(schema: object): string {
  const part = schema as JsonSchemaPart;
  if (part.anyOf) return part.anyOf.map(allowedOf).join(' or ');
  if (part.enum) return part.enum.join(', ');
  if (part.const !== undefined) return String(part.const);
  if (part.type === 'array') return `a comma-separated list of ${part.items ? allowedOf(part.items) : 'values'}`;
  if (part.type === 'boolean') return 'true or false';
  if (part.type !== 'number' && part.type !== 'integer') return part.type ?? 'any value';
  const kind = part.type === 'integer' ? 'whole numbers' : 'numbers';
  const low = part.exclusiveMinimum === undefined ? part.minimum : `above ${part.exclusiveMinimum}`;
  if (low !== undefined && part.maximum !== undefined) return `${kind} ${low} to ${part.maximum}`;
  if (low !== undefined) return typeof low === 'string' ? `${kind} ${low}` : `${kind} from ${low}`;
  return part.maximum === undefined ? kind : `${kind} up to ${part.maximum}`;
}

/** One line of `tangent solvers list --json`. */
export function describeSolver({ manifest }: Solver): Json {
  const { id, title, group, summary, citation, inputs, outputs } = manifest;
  const parameters = z.toJSONSchema(manifest.parameters, { io: 'input', unrepresentable: 'any' });
  // Plain data by construction; the round trip drops undefined members.
  return JSON.parse(JSON.stringify({ id, title, group, summary, citation, inputs, outputs, parameters })) as Json;
}
