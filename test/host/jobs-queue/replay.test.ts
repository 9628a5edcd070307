/** Results computed again: from their job, and from nothing but their record. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maskTypes } from '../../../engine/physics/mri/masks.ts';
import { type ReconstructRequest, reconstructRequest } from '../../../main/host/api/job.ts';
import { commandRecord } from '../../../main/host/jobs-queue/command-record.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import { recordedRequest } from '../../../main/host/jobs-queue/recorded-request.ts';
import type { Jobs } from '../../../main/host/services.ts';
import { tangent } from '../../cli/tangent-process.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';
import { fakeFiles, fakeLibrary, jobEvents, noExporter } from './fake-surroundings.ts';

let folder: string;
let scan: string;
let item: string;
let jobs: Jobs;
const library = fakeLibrary();
const events = jobEvents();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-replay-'));
  scan = join(folder, 'scan.npz');
  await writeTinyScan(scan);
  await writeTinyScan(join(folder, 'other.npz'), { seed: 9 });
  library.add(join(folder, 'other.npz'));
  item = library.add(scan);
  jobs = createJobs({
    ...{ emit: events.emit, library, files: fakeFiles(), exporter: noExporter, threads: () => 1 },
    ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results') },
  });
});
afterAll(async () => {
  await jobs.dispose();
  await rm(folder, { recursive: true });
});
const ended = (id: string) => events.until((job) => job.id === id && job.ended !== null, jobs);
const equal = { sameInput: true, equal: true };

describe('results.replay', () => {
  test('repeats a job, and a result of the command line, to the same bytes', async () => {
    const request = { kind: 'reconstruct', item, steps: 4, seed: 2, formats: ['npy', 'dicom'] };
    const first = await ended(await jobs.start(reconstructRequest.parse(request)));
    const again = await ended(await jobs.replay(first.result ?? ''));
    expect(again).toMatchObject({ state: 'done', output: { ...equal, replayOf: first.result } });
    expect(again.result).not.toBe(first.result);

    const out = join(folder, 'by-hand');
    const words = [
      '--method',
      'l1-wavelet',
      '--set',
      'iterations=5',
      '--slices',
      '1:',
      '--seed',
      '7',
      '--threads',
      '1',
    ];
    expect(await tangent(['reconstruct', scan, '--out', out, ...words])).toMatchObject({ code: 0 });
    const byHand = await library.addResult(out);
    const repeated = await ended(await jobs.replay(byHand));
    expect(repeated).toMatchObject({ state: 'done', output: { ...equal, replayOf: byHand } });

    library.close(item);
    await expect(jobs.replay(byHand)).rejects.toMatchObject({ code: 'not-found', hint: expect.any(String) });
    item = library.add(scan);
  }, 120_000);

  test('a reference of another item is compared with, and the run can be repeated while that is open', async () => {
    const plain = { kind: 'reconstruct', item, method: 'zero-filled', formats: ['npy'] };
    const truth = await ended(await jobs.start(reconstructRequest.parse({ ...plain, method: 'cg-sense' })));
    const compared = await ended(
      await jobs.start(reconstructRequest.parse({ ...plain, reference: truth.result ?? undefined })),
    );
    expect(compared).toMatchObject({ state: 'done', error: null });
    expect(await jobs.command({ result: compared.result ?? '' })).toContain('--reference REFERENCE.npy');
    expect((await ended(await jobs.replay(compared.result ?? ''))).output).toMatchObject(equal);
    library.close(truth.result ?? '');
    await expect(jobs.replay(compared.result ?? '')).rejects.toMatchObject({ code: 'unsupported' });
  }, 120_000);

  test('settings → record → settings loses nothing', () => {
    const number = fc.double({ min: 0.01, max: 50, noNaN: true });
    const whole = fc.integer({ min: 1, max: 64 });
    const mri = fc.record({
      coils: whole,
      mask: fc.constantFrom(...maskTypes),
      accel: number,
      acs: number,
      noise: number,
    });
    const ct = fc.record({
      ...{ angles: whole, arc: number, geometry: fc.constantFrom('parallel', 'fan', 'cone'), curved: fc.boolean() },
      noise: number,
    });
    const ends = fc.record({
      from: fc.integer({ min: -9, max: 9 }),
      to: fc.constantFrom(12, -1, Number.MAX_SAFE_INTEGER),
    });
    const settings = fc.record(
      {
        ...{ method: fc.constantFrom('dds', 'tv'), seed: fc.nat(), steps: whole, gamma: number, samples: whole },
        ...{ compare: fc.subarray(['tv', 'zero-filled']), estimateMaps: fc.boolean(), slices: ends },
        modality: fc.constantFrom('CT', 'MR'),
        formats: fc.subarray(['dicom', 'nifti', 'npy', 'png'], { minLength: 1 }),
        parameters: fc.dictionary(fc.constantFrom('momentum', 'tv', 'dc'), fc.oneof(number, fc.boolean())),
        ct: fc.record({ centre: fc.oneof(number, fc.constant('auto')), views: ends.map((e) => ({ ...e, step: 2 })) }),
      },
      { requiredKeys: [] },
    );
    const measured = fc.oneof(
      fc.record({ noise: fc.oneof(number, fc.constant('auto')) }),
      mri.map((simulate) => ({ simulate })),
      ct.map((simulateCt) => ({ simulateCt })),
    );
    fc.assert(
      fc.property(settings, measured, (one, other) => {
        const request: ReconstructRequest = reconstructRequest.parse({ kind: 'reconstruct', item, ...one, ...other });
        expect(recordedRequest(commandRecord(request), item)).toEqual(request);
      }),
    );
  });
});
