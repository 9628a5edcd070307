/** A host that is there to be killed: starts one job and says what it is called. Arguments: folder, scan, steps. */
import { join } from 'node:path';
import { reconstructRequest } from '../../../main/host/api/job.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import { fakeFiles, fakeLibrary, noExporter } from './fake-surroundings.ts';

const [folder, scan, steps] = process.argv.slice(2);
const library = fakeLibrary();
const jobs = createJobs({
  ...{ emit: () => {}, library, files: fakeFiles(), exporter: noExporter, threads: () => 1 },
  ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results') },
});
const request = { kind: 'reconstruct', item: library.add(scan), steps: Number(steps), seed: 1, formats: ['npy'] };
const id = await jobs.start(reconstructRequest.parse({ ...request, parameters: { tv: true, lambda: 0.01 } }));
process.stdout.write(`${id}\n`);
