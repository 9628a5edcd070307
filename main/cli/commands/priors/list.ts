/** `tangent priors list`. */
import { z } from 'zod';
import { listPriors } from '../../../../engine/prior/registry.ts';
import { command } from '../../command.ts';
import { commonOptions } from '../../option-types.ts';
import { table } from '../../table.ts';

export const list = command({
  name: 'priors list',
  usage: '[options]',
  description: 'What is installed.',
  positionals: [],
  options: z.strictObject(commonOptions),
  examples: ['tangent priors list'],
  run: async (_, terminal) => {
    const found = await listPriors();
    const rows = found.map(({ name, manifest, problem }) => [
      name,
      manifest?.title ?? 'broken',
      manifest?.modality ?? '',
      manifest === undefined ? (problem ?? '') : `${(manifest.weights.bytes / 2 ** 20).toFixed(1)} MiB`,
    ]);
    terminal.print(
      found.length === 0
        ? 'No priors are installed. tangent priors import adds one.'
        : table(['prior', 'title', 'modality', 'weights'], rows, ['left', 'left', 'left', 'right']),
    );
    terminal.result(
      found.map(({ name, manifest, problem }) => ({
        name,
        title: manifest?.title ?? null,
        task: manifest?.task ?? null,
        modality: manifest?.modality ?? null,
        hash: manifest?.weights.sha256 ?? null,
        licence: manifest?.licence ?? null,
        problem: problem ?? null,
      })),
    );
    return 0;
  },
});
