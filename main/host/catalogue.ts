/**
 * Methods, priors and solvers, with what a form needs to be drawn. All of it is made from the engine's own schemas and
 * manifests, which are plain data: no native library is loaded here.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import type { Manifest } from '../../engine/prior/manifest.ts';
import type { CallOutput } from './api/api.ts';
import type { MethodForm, SolverForm } from './api/catalogue.ts';
import { type Measured, presetTitles } from './preset-titles.ts';
import type { Catalogue, Library } from './services.ts';

type MethodList = CallOutput<'catalogue.methods'>;
type PriorCard = CallOutput<'catalogue.priors'>['priors'][number];
type Schema = MethodForm['parameters'];

/** Plain JSON: the round trip drops what JSON cannot say. */
function jsonSchema(schema: z.ZodType): Schema {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(made)));
}

/** Fields a request has of its own, and those only a screen decides. */
const notInForm: readonly string[] = ['seed', 'previewEvery'];

function formSchema(schema: z.ZodType, presets?: readonly string[]): Schema {
  const whole = jsonSchema(schema);
  const fields = z.record(z.string(), z.record(z.string(), z.json())).parse(whole.properties ?? {});
  const properties = Object.fromEntries(Object.entries(fields).filter(([name]) => !notInForm.includes(name)));
  if (presets !== undefined && properties.preset !== undefined)
    properties.preset = { ...properties.preset, enum: ['none', ...presets] };
  return { ...whole, properties };
}

async function ddsForm(measured: Measured): Promise<MethodForm> {
  const { ddsSchema } = await import('../../engine/dds/parameters.ts');
  const presets = presetTitles.filter((preset) => preset.for === measured);
  return {
    id: 'dds',
    title: 'Decomposed Diffusion Sampler (DDS)',
    summary:
      'A trained prior proposes the image, the measured data correct it, step by step: the best image of few data. What was not measured is the prior’s guess.',
    parameters: formSchema(
      ddsSchema,
      presets.map(({ id }) => id),
    ),
    presets: presets.map(({ id, title, summary }) => ({ id, title, summary })),
    usesPrior: true,
  };
}

async function methodForms(measured: Measured): Promise<MethodForm[]> {
  const { ctMethods, mriMethods } = await import('../../engine/recon/registry.ts');
  const classical = [...(measured === 'MRI' ? mriMethods : ctMethods).values()];
  return [
    await ddsForm(measured),
    ...classical.map(({ id, title, summary, parameters }) => ({
      ...{ id, title, summary, presets: [], usesPrior: false },
      parameters: formSchema(parameters),
    })),
  ];
}

/** Which measurement an item is, or would be simulated as. */
function measuredOf({ kind, modality, scan }: Awaited<ReturnType<Library['describe']>>): Measured {
  if (kind === 'scan' && scan !== null) return scan.kind === 'sinogram' ? 'CT' : 'MRI';
  return modality === 'CT' ? 'CT' : 'MRI';
}

async function weightCount(folder: string, { weights }: Manifest): Promise<number> {
  if (!weights.file.endsWith('.safetensors')) return Math.round(weights.bytes / 4);
  const { openSafetensors } = await import('../../engine/prior/safetensors.ts');
  const source = await openSafetensors(join(folder, weights.file));
  try {
    return [...source.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  } finally {
    await source.close();
  }
}

const unknownLicence = /^(|not stated|unknown|none)$/i;

function facts(manifest: Manifest): PriorCard['facts'] {
  const { training, provenance, quality = [], limits, size, intendedUse } = manifest;
  return [
    { name: 'Intended use', value: intendedUse },
    ...limits.map((value) => ({ name: 'Limit', value })),
    { name: 'Trained on images of', value: `${size.join(' × ')} pixels` },
    { name: 'Training', value: training.summary },
    ...training.data.map(({ name, licence, source }) => ({
      name: 'Training data',
      value: `${name} (${licence}; ${source})`,
    })),
    ...(provenance === undefined ? [] : [{ name: 'Source', value: provenance.source }]),
    ...quality.map(({ data, metric, value }) => ({ name: `${metric}, ${data}`, value: String(value) })),
  ].filter(({ value }) => value !== '');
}

async function priorCards(): Promise<PriorCard[]> {
  const { listPriors } = await import('../../engine/prior/prior-folder.ts');
  const cards: PriorCard[] = [];
  for (const { name, folder, manifest, problem } of await listPriors()) {
    if (manifest === undefined) {
      const broken = { name, title: name, summary: `Cannot be used: ${problem ?? 'its manifest is damaged'}` };
      const none = { modality: '', licence: '', licenceKnown: false, channels: 0, parameters: 0, hash: '', facts: [] };
      cards.push({ ...broken, ...none });
      continue;
    }
    const { title, task, modality, licence, channels, weights } = manifest;
    cards.push({
      ...{ name, title, modality, licence, channels },
      summary: task,
      licenceKnown: !unknownLicence.test(licence.trim()),
      parameters: await weightCount(folder, manifest).catch(() => Math.round(weights.bytes / 4)),
      hash: weights.sha256,
      facts: facts(manifest),
    });
  }
  return cards;
}

async function solverForms(): Promise<SolverForm[]> {
  const { solvers } = await import('../../engine/solvers/registry.ts');
  return solvers.map(({ manifest }) => ({
    id: manifest.id,
    title: manifest.title,
    group: manifest.group,
    summary: manifest.summary,
    citation: manifest.citation,
    inputs: manifest.inputs.map(({ name, types, required, description, shape }) => ({
      ...{ name, types: [...types], required, description },
      ...(shape === undefined ? {} : { shape }),
    })),
    outputs: manifest.outputs.map(({ name, type, description }) => ({ name, type, description })),
    parameters: jsonSchema(manifest.parameters),
    unavailable: null,
  }));
}

export function createCatalogue({ library }: { library: Library }): Catalogue {
  const forms = new Map<Measured, Promise<MethodForm[]>>();
  const formsOf = (measured: Measured) => {
    const known = forms.get(measured) ?? methodForms(measured);
    forms.set(measured, known);
    return known;
  };
  const methodsFor = async (measured: Measured, needsSimulation = false): Promise<MethodList> => {
    const { maskTypes } = await import('../../engine/physics/mri/masks.ts');
    const fitting = (await priorCards()).filter(
      ({ modality }) => modality === 'any' || modality === (measured === 'CT' ? 'ct' : 'mri'),
    );
    const standard = measured === 'CT' ? 'ct' : 'brain-mri';
    const names = fitting.map(({ name }) => name);
    const defaultPrior = names.includes(standard) ? standard : (names[0] ?? null);
    return {
      methods: await formsOf(measured),
      priors: names,
      defaultMethod: defaultPrior !== null ? 'dds' : measured === 'CT' ? 'tv' : 'cg-sense',
      defaultPrior,
      defaultCompare: measured === 'CT' ? ['fbp'] : ['zero-filled', 'cg-sense'],
      needsSimulation,
      masks: [...maskTypes],
    };
  };
  return {
    methodsFor: (measured) => methodsFor(measured),
    /** Throws `not-found`; `unsupported` for what cannot be reconstructed. */
    methods: async (id) => {
      const item = await library.describe(id);
      if (item.kind === 'solution')
        throw new EngineError('unsupported', "a solver's result cannot be reconstructed", {
          hint: 'Choose a series, a scan or the result of a reconstruction.',
        });
      return methodsFor(measuredOf(item), item.kind !== 'scan');
    },
    priors: async () => ({ priors: await priorCards() }),
    solvers: async () => ({ solvers: await solverForms() }),
  };
}
