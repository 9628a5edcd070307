/** What the user has chosen for the next reconstruction, and the request it makes. */
import type { CallInput, CallOutput } from '../../main/host/api/api.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';
import type { Settings } from '../../main/host/api/settings.ts';
import { changedValues, formModel, type Values } from './form-model.ts';

export type MethodList = CallOutput<'catalogue.methods'>;
export type ReconstructInput = CallInput<'jobs.estimate'>;

export interface Draft {
  method: string;
  /** "none": chosen for the scan by the host. */
  preset: string;
  prior: string | null;
  /** Parameters that were given, by method. */
  parameters: Readonly<Record<string, Values>>;
  compare: readonly string[];
  samples: number;
  seed: number;
  /** Null: all. From 0; `to` is not included. */
  slices: { from: number; to: number } | null;
  estimateMaps: boolean;
  simulate: { coils: number; mask: string; accel: number; acs: number; noise: number };
  simulateCt: {
    angles: number;
    arc: number;
    geometry: 'parallel' | 'fan' | 'cone';
    curved: boolean;
    noise: number;
    /** Null: the noise above. */
    photons: number | null;
  };
}

/** Parameters that have a control of their own outside the form. */
export const ownControls = ['preset', 'samples'] as const;

/** A first choice with which one click gives a result worth looking at. */
export function defaultDraft(methods: MethodList): Draft {
  return {
    method: methods.defaultMethod,
    preset: 'none',
    prior: methods.defaultPrior,
    parameters: {},
    compare: methods.defaultCompare.filter((id) => id !== methods.defaultMethod),
    samples: 1,
    seed: 0,
    slices: null,
    estimateMaps: false,
    simulate: {
      coils: 8,
      mask: methods.masks.includes('uniform1d') ? 'uniform1d' : (methods.masks[0] ?? 'uniform1d'),
      accel: 4,
      acs: 0.08,
      noise: 0.01,
    },
    simulateCt: { angles: 60, arc: 180, geometry: 'parallel', curved: false, noise: 0.01, photons: null },
  };
}

/** What an item would be measured as. */
export function isCt({ kind, modality, scan }: Pick<ItemDescription, 'kind' | 'modality' | 'scan'>): boolean {
  return kind === 'scan' && scan !== null ? scan.kind === 'sinogram' : modality === 'CT';
}

/** As `buildRequest`, without item, slices and reference: for many scans at once. */
export function buildSettings(draft: Draft, methods: MethodList, device: Settings['device'], ct: boolean) {
  const method = methods.methods.find(({ id }) => id === draft.method);
  const usesPrior = method?.usesPrior === true;
  const presets = (method?.presets.length ?? 0) > 0;
  const given = draft.parameters[draft.method] ?? {};
  const parameters = {
    ...(method === undefined ? {} : changedValues(formModel(method.parameters, ownControls), given, presets)),
    ...(presets && draft.preset !== 'none' ? { preset: draft.preset } : {}),
  };
  const { photons, ...ctNoise } = draft.simulateCt;
  return {
    method: draft.method,
    compare: draft.compare.filter((id) => id !== draft.method),
    seed: draft.seed,
    device,
    parameters,
    ...(usesPrior && draft.prior !== null ? { prior: draft.prior } : {}),
    ...(usesPrior && draft.samples > 1 ? { samples: draft.samples } : {}),
    ...(draft.estimateMaps ? { estimateMaps: true } : {}),
    ...(methods.needsSimulation
      ? ct
        ? { simulateCt: { ...ctNoise, ...(photons === null ? {} : { photons }) } }
        : { simulate: { ...draft.simulate } }
      : {}),
  };
}

/** The request of one item. `reference` is left out when it is the item itself or an acquisition is simulated. */
export function buildRequest(
  item: ItemDescription,
  draft: Draft,
  methods: MethodList,
  { device, reference }: { device: Settings['device']; reference: string | null },
): ReconstructInput {
  return {
    kind: 'reconstruct',
    item: item.id,
    ...buildSettings(draft, methods, device, isCt(item)),
    ...(draft.slices === null ? {} : { slices: { ...draft.slices } }),
    ...(reference === null || reference === item.id || methods.needsSimulation ? {} : { reference }),
  };
}
