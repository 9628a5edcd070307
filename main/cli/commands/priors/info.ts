/** `tangent priors info FILE`: what a weight file holds. */
import { z } from 'zod';
import type { JobOutput } from '../../../host/job-table.ts';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, text } from '../../option-types.ts';
import { runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';

function describeFile(held: JobOutput<'prior-info'>): string {
  const rows: [string, string][] = [
    ['format', held.format],
    ['bytes', String(held.bytes)],
  ];
  if (held.tensors !== null) rows.push(['tensors', String(held.tensors)]);
  if (held.parameters !== null) rows.push(['parameters', String(held.parameters)]);
  for (const [dtype, count] of Object.entries(held.dtypes)) rows.push([dtype, `${count} tensors`]);
  if (held.known !== null) rows.push(['model', held.known]);
  for (const [name, value] of Object.entries(held.architecture ?? {})) rows.push([name, JSON.stringify(value)]);
  for (const text of held.assumed) rows.push(['assumed', text]);
  for (const text of held.problems) rows.push(['problem', text]);
  return pairs(rows);
}

export const info = command({
  name: 'priors info',
  usage: 'FILE [options]',
  description: 'What a weight file holds.',
  positionals: [{ name: 'FILE', description: 'A .pt, .safetensors or .onnx file.', required: true }],
  options: z.strictObject({
    config: text().optional().meta({ value: 'FILE', description: 'JSON with what the weights do not tell.' }),
    ...deviceOptions,
    ...commonOptions,
  }),
  run: async ({ options: { config, device, threads }, positionals: [file] }, terminal) => {
    const held = await runJobFor(terminal, 'prior-info', { file, config }, { device, threads });
    terminal.print(describeFile(held));
    terminal.result(held);
    return 0;
  },
});
