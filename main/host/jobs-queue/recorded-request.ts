/** The request a result came from, out of the options its result.json keeps: the inverse of command-record.ts. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import type { CommandRecord } from '../../../engine/recon/provenance.ts';
import { looseValue } from '../../cli/settings.ts';
import { simulationDefaults } from '../../cli/simulation-options.ts';
import { type ReconstructRequest, reconstructRequest } from '../api/job.ts';

const json = z.json();
const options = z.record(z.string(), json);
type Options = z.output<typeof options>;

function rangeOf(value: Options[string] | undefined): { from: number; to: number; step: number } | undefined {
  const match = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(String(value ?? ''));
  if (match === null) return undefined;
  const to = match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]);
  return { from: Number(match[1] ?? 0), to, step: Number(match[3] ?? 1) };
}

function simulationOf(given: Options): object {
  const { coils, mask, accel, acs, angles, photons, noise } = given;
  if (angles !== undefined) {
    const { geometry = 'parallel', arc = geometry === 'parallel' ? 180 : 360, curved = false } = given;
    const level = photons === undefined ? { noise: noise ?? simulationDefaults.noise } : { noise: 0, photons };
    return { simulateCt: { angles, arc, geometry, curved, ...level } };
  }
  const simulated = given.simulate === true || [coils, mask, accel, acs].some((value) => value !== undefined);
  if (!simulated) return noise === undefined ? {} : { noise };
  const stated = Object.entries({ coils, mask, accel, acs, noise }).filter(([, value]) => value !== undefined);
  return { simulate: { ...simulationDefaults, ...Object.fromEntries(stated) } };
}

function readingOf(given: Options): object {
  const { centre, 'image-size': imageSize, pixel: pixelMm } = given;
  const views = rangeOf(given.views);
  const step = given['view-step'];
  const chosen = step === undefined ? views : { from: 0, to: Number.MAX_SAFE_INTEGER, step };
  const stated = Object.entries({ centre, imageSize, pixelMm, views: chosen }).filter(([, v]) => v !== undefined);
  return stated.length === 0 ? {} : { ct: Object.fromEntries(stated) };
}

/** Throws `unsupported` where the record names a file of its own, `bad-input` where it cannot be read. */
export function recordedRequest(command: CommandRecord, item: string): ReconstructRequest {
  const given = options.parse(command.options);
  const file = given.reference !== undefined ? 'reference' : given.maps === 'MAPS.npy' ? 'maps' : undefined;
  if (command.name !== 'reconstruct' || file !== undefined)
    throw new EngineError(
      'unsupported',
      file === undefined ? `it was made by tangent ${command.name}` : `it was made with a file of ${file} of its own`,
      { hint: 'Copy its command and run it on the same files.' },
    );
  const { method, prior, seed, steps, eta, cg, gamma, samples, device } = given;
  const range = rangeOf(given.slices);
  const set = z.record(z.string(), z.string()).catch({}).parse(given.set);
  const request = {
    ...{ kind: 'reconstruct', item, method, prior, seed, steps, eta, cg, gamma, samples, device },
    ...(given.compare === undefined ? {} : { compare: String(given.compare).split(',') }),
    ...(range === undefined ? {} : { slices: { from: range.from, to: range.to } }),
    ...(given.maps === 'estimate' ? { estimateMaps: true } : {}),
    ...(given.modality === undefined ? {} : { modality: String(given.modality).toUpperCase() }),
    ...(given.format === undefined ? {} : { formats: String(given.format).split(',') }),
    ...{ ...simulationOf(given), ...readingOf(given) },
    parameters: Object.fromEntries(Object.entries(set).map(([name, text]) => [name, looseValue(text)])),
  };
  const parsed = reconstructRequest.safeParse(JSON.parse(JSON.stringify(request)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `the record of the result: ${issue.message}`, { path: issue.path.join('.') });
}
