/** `tangent priors export NAME`: a prior's network as a file for other programs. */
import { z } from 'zod';
import { command } from '../../command.ts';
import { choice, commonOptions, flag, text } from '../../option-types.ts';
import { removeTemporary, runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';

export const exportFile = command({
  name: 'priors export',
  usage: 'NAME --format onnx|safetensors --out FILE [options]',
  description: 'The network of a prior as an ONNX or safetensors file, its conventions in the metadata.',
  positionals: [{ name: 'NAME', description: 'Prior by name or folder.', required: true }],
  options: z.strictObject({
    format: choice(['onnx', 'safetensors']).meta({
      value: 'FORMAT',
      description: 'onnx holds graph and weights, safetensors the weights alone.',
    }),
    weights: choice(['float32', 'float16']).optional().meta({
      value: 'TYPE',
      description: 'float32 or float16; default float32 in ONNX, as stored in safetensors.',
    }),
    as: choice(['network', 'eps']).default('network').meta({
      value: 'WHAT',
      standard: 'network',
      description:
        'eps: the ONNX graph takes x_t and the time index and gives the noise, whatever the network predicts.',
    }),
    external: flag('Keep the weights in FILE.data beside the ONNX file; always so beyond 2 GiB.'),
    out: text().meta({ value: 'FILE', description: 'File to write.' }),
    force: flag('Replace what exists.'),
    ...commonOptions,
  }),
  examples: [
    'tangent priors export brain-mri --format onnx --as eps --out brain.onnx',
    'tangent priors export ct --format safetensors --weights float16 --out ct.st',
  ],
  run: async ({ options: given, positionals: [prior] }, terminal) => {
    const { format, weights, as, external, out, force } = given;
    const input = { prior, format, weights, as, external, out, force };
    const done = await runJobFor(terminal, 'prior-export', input, { afterKill: removeTemporary(out) });
    terminal.print(
      pairs([
        ['prior', done.prior],
        ...done.files.map(({ path, bytes }): [string, string] => ['file', `${path}, ${bytes} bytes`]),
        ['weights', done.weights],
        ...Object.entries(done.conventions),
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
