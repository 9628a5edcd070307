/** `tangent priors show NAME`: the model card. */
import { z } from 'zod';
import type { Manifest } from '../../../../engine/prior/manifest.ts';
import { loadManifest } from '../../../../engine/prior/registry.ts';
import { command } from '../../command.ts';
import { commonOptions } from '../../option-types.ts';
import { pairs, table } from '../../table.ts';

const sayers = { user: 'stated at import', file: 'stated by the file', nobody: 'stated by nobody' };

function provenanceRows(provenance: Manifest['provenance']): [string, string][] {
  if (provenance === undefined) return [];
  const { source, statedBy, file, format, sha256, importedAt } = provenance;
  return [
    ['source', `${source} (${sayers[statedBy]})`],
    ['imported from', `${file} (${format}, sha256 ${sha256})${importedAt === undefined ? '' : ` on ${importedAt}`}`],
  ];
}

export const show = command({
  name: 'priors show',
  usage: 'NAME [options]',
  description: 'A model card.',
  positionals: [{ name: 'NAME', description: 'Prior by name or folder.', required: true }],
  options: z.strictObject(commonOptions),
  run: async ({ positionals: [name] }, terminal) => {
    const { manifest } = await loadManifest(name);
    const quality = manifest.quality ?? [];
    terminal.print(
      pairs([
        ['name', manifest.id],
        ['title', manifest.title],
        ['task', manifest.task],
        ['modality', manifest.modality],
        ['channels', manifest.slab ? '3, a slice between its neighbours' : String(manifest.channels)],
        ['trained at', manifest.size.join(' × ')],
        ['architecture', manifest.architecture.kind],
        ['prediction', `${manifest.prediction}, ${manifest.parametrisation}`],
        ['scale', manifest.scale.rule === 'quantile' ? `${manifest.scale.quantile} quantile` : manifest.scale.rule],
        ['prior variance', String(manifest.priorVar)],
        ['weights', `${manifest.weights.file}, ${manifest.weights.bytes} bytes, sha256 ${manifest.weights.sha256}`],
        ...(manifest.weights.data ?? []).map((d): [string, string] => ['weights', `${d.file}, ${d.bytes} bytes`]),
        ['licence', manifest.licence],
        ...provenanceRows(manifest.provenance),
        ['intended use', manifest.intendedUse],
        ...manifest.limits.map((limit): [string, string] => ['limit', limit]),
        ['training', manifest.training.summary],
        ...manifest.training.data.map((d): [string, string] => ['data', `${d.name} (${d.licence}; ${d.source})`]),
      ]),
    );
    if (quality.length > 0)
      terminal.print(
        `\n${table(
          ['data', 'metric', 'value', 'note'],
          quality.map((row) => [row.data, row.metric, String(row.value), row.note ?? '']),
          ['left', 'left', 'right', 'left'],
        )}`,
      );
    terminal.result(manifest);
    return 0;
  },
});
