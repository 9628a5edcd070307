/** result.json of a folder: that of a reconstruction, of a solver, or neither. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import { type ResultJson, resultJson } from '../../../engine/recon/result-json.ts';

const MAX_BYTES = 2 ** 26;

/** As the solve job writes it; only what is shown. */
const solutionRecord = z.looseObject({
  solver: z.string(),
  version: z.string(),
  artifacts: z.record(z.string(), z.string()),
});
export type SolutionRecord = z.output<typeof solutionRecord>;

export type ResultRecord =
  | { kind: 'result'; record: ResultJson; created: string }
  | { kind: 'solution'; record: SolutionRecord; created: string };

/** Undefined when the folder has no result.json, or one of something else. */
export async function readResultRecord(folder: string): Promise<ResultRecord | undefined> {
  const path = join(folder, 'result.json');
  let value: unknown;
  let created: string;
  try {
    created = (await stat(path)).mtime.toISOString();
    value = JSON.parse(new TextDecoder().decode(await readFileBytes(path, MAX_BYTES)));
  } catch {
    return undefined;
  }
  const result = resultJson.safeParse(value);
  if (result.success) return { kind: 'result', record: result.data, created };
  const solution = solutionRecord.safeParse(value);
  return solution.success ? { kind: 'solution', record: solution.data, created } : undefined;
}
