/** `tangent priors list|show|info|import|eval`. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { listPriors, loadManifest } from '../../../engine/prior/registry.ts';
import type { JobOutput } from '../../host/job-table.ts';
import { command } from '../command.ts';
import { suggestion } from '../nearest.ts';
import { commonOptions, deviceOptions, flag, real, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { pairs, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const actions = ['list', 'show', 'info', 'import', 'eval'] as const;

const options = z.strictObject({
  config: text()
    .optional()
    .meta({ value: 'FILE', description: 'import, info: JSON with what the weights do not tell.' }),
  out: text().optional().meta({ value: 'PATH', description: 'import: prior folder to write. eval: .npy to write.' }),
  name: text().optional().meta({ value: 'NAME', description: 'import: install under this name instead of --out.' }),
  x: text().optional().meta({ value: 'FILE', description: 'eval: input .npy, [channels, y, x] or with a batch axis.' }),
  t: real(0, 1e6).optional().meta({ value: 'T', description: 'eval: noise level, index in the 1000-step schedule.' }),
  force: flag('Replace what exists.'),
  ...deviceOptions,
  ...commonOptions,
});
type Options = z.output<typeof options>;

function required<K extends keyof Options>(given: Options, name: K, action: string): NonNullable<Options[K]> {
  const value = given[name];
  if (value === undefined)
    throw new EngineError('bad-usage', `priors ${action} needs --${name}`, {
      path: `--${name}`,
      hint: 'See tangent priors --help.',
    });
  return value as NonNullable<Options[K]>;
}

async function list(terminal: Terminal): Promise<void> {
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
}

async function show(name: string, terminal: Terminal): Promise<void> {
  const { manifest } = await loadManifest(name);
  const quality = manifest.quality ?? [];
  terminal.print(
    pairs([
      ['name', manifest.id],
      ['title', manifest.title],
      ['task', manifest.task],
      ['modality', manifest.modality],
      ['channels', String(manifest.channels)],
      ['trained at', manifest.size.join(' × ')],
      ['architecture', manifest.architecture.kind],
      ['prediction', `${manifest.prediction}, ${manifest.parametrisation}`],
      ['scale', manifest.scale.rule === 'quantile' ? `${manifest.scale.quantile} quantile` : manifest.scale.rule],
      ['prior variance', String(manifest.priorVar)],
      ['weights', `${manifest.weights.file}, ${manifest.weights.bytes} bytes, sha256 ${manifest.weights.sha256}`],
      ['licence', manifest.licence],
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
}

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

export const priors = command({
  name: 'priors',
  usage: 'list | show NAME | info FILE | import FILE | eval PRIOR [options]',
  description:
    'list: what is installed. show: a model card. info: what a weight file holds. import: a .pt, .safetensors or .onnx file to a prior folder. eval: one network evaluation.',
  positionals: [
    { name: 'ACTION', description: 'list, show, info, import or eval.', required: true },
    { name: 'NAME', description: 'Prior by name or folder, or a weight file.', required: false },
  ],
  options,
  examples: [
    'tangent priors list',
    'tangent priors import model.pt --config model.json --name knee',
    'tangent priors eval brain-mri --x x.npy --t 500 --out y.npy',
  ],
  run: async ({ options: given, positionals }, terminal) => {
    const [action, name] = positionals;
    const known = actions.find((word) => word === action);
    if (known === undefined)
      throw new EngineError('bad-usage', `unknown action "${action}"`, {
        path: 'priors',
        hint: `${suggestion(action, actions)} See tangent priors --help.`.trim(),
      });
    if (known === 'list') {
      if (name !== undefined) throw new EngineError('bad-usage', `unexpected word "${name}"`, { path: 'priors list' });
      await list(terminal);
      return 0;
    }
    if (name === undefined)
      throw new EngineError(
        'bad-usage',
        `priors ${known} needs a ${known === 'info' || known === 'import' ? 'FILE' : 'NAME'}`,
        {
          path: 'priors',
          hint: 'See tangent priors --help.',
        },
      );
    const run = { device: given.device, threads: given.threads };
    if (known === 'show') await show(name, terminal);
    if (known === 'info') {
      const held = await runJobFor(terminal, 'prior-info', { file: name, config: given.config }, run);
      terminal.print(describeFile(held));
      terminal.result(held);
    }
    if (known === 'import') {
      const target = given.name === undefined ? { out: required(given, 'out', 'import') } : { name: given.name };
      if (given.name !== undefined && given.out !== undefined)
        throw new EngineError('bad-usage', 'give either --out or --name', { path: '--name' });
      const done = await runJobFor(
        terminal,
        'prior-import',
        { file: name, config: given.config, force: given.force, ...target },
        { ...run, afterKill: given.out === undefined ? undefined : removeTemporary(given.out) },
      );
      terminal.print(
        pairs([
          ['prior', done.name],
          ['folder', done.folder],
          ['sha256', done.hash],
        ]),
      );
      terminal.result(done);
    }
    if (known === 'eval') {
      const out = required(given, 'out', 'eval');
      const done = await runJobFor(
        terminal,
        'prior-eval',
        { prior: name, x: required(given, 'x', 'eval'), t: required(given, 't', 'eval'), out, force: given.force },
        { ...run, afterKill: removeTemporary(out) },
      );
      terminal.print(
        pairs([
          ['output', done.file],
          ['shape', `[${done.shape.join(', ')}]`],
          ['L2 norm', String(done.norm)],
        ]),
      );
      terminal.result(done);
    }
    return 0;
  },
});
