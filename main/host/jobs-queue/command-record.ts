/** A reconstruct request as the options of `tangent reconstruct`, and back: what result.json keeps under `command`. */
import type { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { sortedJson } from '../../../engine/recon/provenance.ts';
import type { JsonValue } from '../../../engine/recon/result.ts';
import type { ReconstructRequest } from '../api/job.ts';

/** A request without what is read: the settings alone. */
export type ReconstructSettings = Omit<ReconstructRequest, 'kind' | 'item'>;

type Options = Record<string, z.core.util.JSONType>;

/** A value as --set takes it. */
function settingText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(settingText).join(',') : JSON.stringify(value);
}

export function settingTexts(parameters: Readonly<Record<string, JsonValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, settingText(value)]));
}

const range = ({ from, to }: { from: number; to: number }) => `${from}:${to === Number.MAX_SAFE_INTEGER ? '' : to}`;

function simulationOptions({ simulate, simulateCt }: ReconstructSettings): Options {
  if (simulateCt !== undefined) {
    const { angles, arc, geometry, curved, noise, photons } = simulateCt;
    return {
      ...{ angles, arc, geometry },
      ...(curved ? { curved } : {}),
      ...(photons === undefined ? { noise } : { photons }),
    };
  }
  if (simulate === undefined) return {};
  const { coils, mask, accel, acs, noise } = simulate;
  return { coils, mask, accel, acs, noise };
}

function ctOptions(ct: ReconstructSettings['ct'] = {}): Options {
  const { centre, imageSize, pixelMm, views } = ct;
  return {
    ...(centre === undefined ? {} : { centre }),
    ...(imageSize === undefined ? {} : { 'image-size': imageSize }),
    ...(pixelMm === undefined ? {} : { pixel: pixelMm }),
    ...(views === undefined ? {} : { views: `${range(views)}:${views.step}` }),
  };
}

/** The same options, by the same names and in the same form, as the command line records of itself. */
export function commandRecord(settings: ReconstructSettings): { name: string; options: Options } {
  const { method, compare, prior, seed, steps, eta, cg, gamma, noise, samples, slices } = settings;
  const simulated = settings.simulate !== undefined || settings.simulateCt !== undefined;
  const named: Record<string, z.core.util.JSONType | undefined> = {
    ...{ method, prior: prior?.split(/[\\/]/).at(-1), seed, steps, eta, cg, gamma, samples },
    compare: compare.length === 0 ? undefined : compare.join(','),
    noise: simulated ? undefined : noise,
    slices: slices && range(slices),
    maps: settings.estimateMaps ? 'estimate' : undefined,
    reference: settings.reference === undefined ? undefined : 'REFERENCE.npy',
    modality: settings.modality?.toLowerCase(),
    format: settings.formats.join(','),
    device: settings.device,
    ...ctOptions(settings.ct),
    ...simulationOptions(settings),
  };
  const options: Options = {};
  for (const [name, value] of Object.entries(named)) if (value !== undefined) options[name] = value;
  if (Object.keys(settings.parameters).length > 0) options.set = settingTexts(settings.parameters);
  return { name: 'reconstruct', options: sortedJson(options) as Options };
}

/** What the engine job takes of the settings. */
export function engineSettings(settings: ReconstructSettings) {
  const { method, compare, prior, seed, steps, eta, cg, gamma, noise, samples, slices, estimateMaps } = settings;
  const { simulate, simulateCt, modality, ct, formats, parameters } = settings;
  if (simulate !== undefined && simulateCt !== undefined)
    throw new EngineError('bad-usage', 'MRI and CT cannot both be simulated', { path: 'simulateCt' });
  const simulated = simulate !== undefined || simulateCt !== undefined;
  return {
    ...{ method, prior, seed, steps, eta, cg, gamma, samples, slices, estimateMaps, simulate, modality, formats },
    // Photons bring their own noise.
    simulateCt: simulateCt?.photons === undefined ? simulateCt : { ...simulateCt, noise: 0 },
    ...{ ct: ct ?? {}, parameters },
    compare: compare.length === 0 ? undefined : compare,
    noise: simulated ? undefined : noise,
  };
}
