/** Every method asked for on the same scenes. */
import { checkpoint, type RunContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import type { Bart } from './bart.ts';
import { isBartMethod, runBart } from './quality-bart.ts';
import { type MethodRow, runFixed, runTuned, searchSpaces } from './quality-baseline.ts';
import { runDdsRows } from './quality-dds.ts';
import type { Scene } from './quality-scene.ts';

export const qualityMethodIds = [
  'zero-filled',
  'cg-sense',
  'l1-wavelet',
  'tv',
  'bart-l2',
  'bart-wavelet',
  'dds',
] as const;
export type QualityMethodId = (typeof qualityMethodIds)[number];

export interface Tools {
  context: RunContext;
  note(text: string): void;
  /** Absent where BART is not installed: its rows are left out. */
  bart: Bart | undefined;
  /** Needed by `dds` only. */
  prior: Prior | undefined;
  dds: DdsInput;
}

export async function runMethods(
  ids: readonly QualityMethodId[],
  scenes: readonly Scene[],
  title: string,
  { context, note, bart, prior, dds }: Tools,
): Promise<MethodRow[]> {
  const rows: MethodRow[] = [];
  for (const id of ids) {
    await checkpoint(context);
    const added: MethodRow[] = [];
    if (id === 'dds') {
      if (prior) added.push(...(await runDdsRows(scenes, prior, dds, context)));
    } else if (isBartMethod(id)) {
      if (bart) added.push(await runBart(id, scenes, bart, context));
    } else if (Object.hasOwn(searchSpaces, id)) added.push(await runTuned(id, scenes, context));
    else added.push(await runFixed(id, {}, scenes, context));
    for (const row of added) note(`${title}: ${remark(row)}`);
    rows.push(...added);
  }
  return rows;
}

function remark({ id, bySlice, cpuSeconds: { run, tune } }: MethodRow): string {
  const mean = bySlice.reduce((sum, { psnr }) => sum + psnr, 0) / bySlice.length;
  return `${id} ${mean.toFixed(2)} dB, ${run.toFixed(1)} CPU-s${tune > 0 ? `, tuned in ${tune.toFixed(1)}` : ''}`;
}
