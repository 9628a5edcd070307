/** DDS as a row of the table: fixed settings, one run per slice, never tuned. */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { RunContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { qualityMetrics } from '../../engine/recon/metrics.ts';
import type { QualityMetrics } from '../../engine/recon/result.ts';
import { clinicalInput, runDds } from '../../engine/recon/run-dds.ts';
import { cpuSecondsSince, type MethodRow, type Parameters } from './quality-baseline.ts';
import type { Scene } from './quality-scene.ts';

/** `dds` is what a user gets: the mean where several samples are drawn; then `dds-sample`, the first of them, follows. */
export async function runDdsRows(
  scenes: readonly Scene[],
  prior: Prior,
  input: DdsInput,
  context: RunContext,
): Promise<MethodRow[]> {
  const images: QualityMetrics[] = [];
  const samples: QualityMetrics[] = [];
  const start = process.cpuUsage();
  let drawn = 1;
  for (const { slice, reference } of scenes) {
    const { result } = await runDds([slice], prior, input, [0], context);
    const judge = (image: Float32Array) => qualityMetrics(ndarray('complex64', reference.shape, image), reference);
    drawn = result.samples.length;
    images.push(judge(result.image));
    if (drawn > 1) samples.push(judge(result.samples[0]));
  }
  const run = cpuSecondsSince(start);
  const setting = {
    prior: prior.name,
    ...clinicalInput(
      input,
      scenes.map(({ slice }) => slice),
    ),
  } as Parameters;
  const rows: MethodRow[] = [
    {
      ...{ id: 'dds', title: drawn > 1 ? `DDS, mean of ${drawn} samples` : 'DDS', setting },
      ...{ bySlice: images, cpuSeconds: { run, tune: 0 } },
    },
  ];
  if (drawn > 1)
    rows.push({
      ...{ id: 'dds-sample', title: 'DDS, one sample', setting: { ...setting, samples: 1 } },
      ...{ bySlice: samples, cpuSeconds: { run: run / drawn, tune: 0 } },
    });
  return rows;
}
