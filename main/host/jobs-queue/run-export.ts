/** An export: into a folder the user chose, or kept here to be downloaded. */
import { randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import type { exportRequest, JobRecord } from '../api/job.ts';
import type { RunKind } from './job-run.ts';

/** Exports to fetch, /data/download/KEY; the key is all that leads to one. */
export const exportsFolder = (dataFolder: string) => join(dataFolder, 'exports');

export const runExport: RunKind<z.output<typeof exportRequest>> = async (request, run) => {
  const chosen = request.to === undefined ? undefined : run.files.pathOf(request.to);
  const key = randomBytes(24).toString('hex');
  const folder = chosen ?? join(exportsFolder(run.dataFolder), key);
  if (chosen === undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  const { files, warnings } = await run.exporter.run(request, folder, run.signal, (fraction, stage) =>
    run.progress({ fraction, stage }),
  );
  if (chosen !== undefined) return { warnings, saved: basename(chosen) };
  const downloads: JobRecord['downloads'] = [];
  for (const [i, name] of files.entries()) {
    const { size } = await stat(join(folder, name));
    downloads.push({ key: `${key}-${i}`, name, bytes: size });
  }
  return { warnings, downloads };
};
