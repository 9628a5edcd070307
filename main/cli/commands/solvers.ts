/** `tangent solvers [list|show ID]`: companion solvers and their manifests. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import type { SolverDescription } from '../../host/jobs/solvers.ts';
import { command } from '../command.ts';
import { wrap } from '../help.ts';
import { suggestion } from '../nearest.ts';
import { commonOptions } from '../option-types.ts';
import { runJobFor } from '../run-job.ts';
import { table } from '../table.ts';

const property = z.object({
  description: z.string().optional(),
  unit: z.string().optional(),
  default: z.json().optional(),
});

/** One line per parameter: name, default, unit, meaning. */
function parameterRows(solver: SolverDescription): string[] {
  const properties = z.record(z.string(), z.unknown()).catch({}).parse(solver.parameters.properties);
  return Object.entries(properties).flatMap(([name, value]) => {
    const { description, unit, default: standard } = property.catch({}).parse(value);
    const extra = [
      ...(standard === undefined
        ? []
        : [`default ${typeof standard === 'string' ? standard : JSON.stringify(standard)}`]),
      ...(unit === undefined ? [] : [unit]),
    ].join(', ');
    return [`  ${name}${extra === '' ? '' : ` (${extra})`}`, wrap(description ?? '', 6)];
  });
}

function shown(solver: SolverDescription): string {
  const slots = (
    list: readonly { name: string; description: string; types?: string[]; type?: string; shape?: string }[],
  ) =>
    list.flatMap((slot) => [
      `  ${slot.name}: ${slot.types?.join(' or ') ?? slot.type}${slot.shape === undefined ? '' : ` ${slot.shape}`}`,
      wrap(slot.description, 6),
    ]);
  return [
    `${solver.id}: ${solver.title}`,
    wrap(solver.summary, 0),
    wrap(solver.citation, 0),
    '\nInputs:',
    ...slots(solver.inputs),
    '\nOutputs:',
    ...slots(solver.outputs),
    '\nParameters:',
    ...parameterRows(solver),
  ].join('\n');
}

export const solvers = command({
  name: 'solvers',
  usage: '[list | show ID] [options]',
  description: 'Lists the solvers, or shows the inputs, parameters and outputs of one.',
  positionals: [
    { name: 'ACTION', description: 'list (default) or show.', required: false },
    { name: 'ID', description: 'show: which solver.', required: false },
  ],
  options: z.strictObject(commonOptions),
  examples: ['tangent solvers', 'tangent solvers show dds'],
  run: async ({ positionals }, terminal) => {
    const [action = 'list', id] = positionals;
    if (action !== 'list' && action !== 'show')
      throw new EngineError('bad-usage', `unknown action "${action}"`, {
        path: 'solvers',
        hint: `${suggestion(action, ['list', 'show'])} See tangent solvers --help.`.trim(),
      });
    if ((action === 'show') !== (id !== undefined))
      throw new EngineError('bad-usage', action === 'show' ? 'solvers show needs an ID' : `unexpected word "${id}"`, {
        path: `solvers ${action}`,
        hint: 'See tangent solvers --help.',
      });
    const found = await runJobFor(terminal, 'solvers', id === undefined ? {} : { id });
    if (action === 'show') {
      terminal.print(shown(found[0]));
      terminal.result(found[0]);
      return 0;
    }
    terminal.print(
      table(
        ['solver', 'group', 'title'],
        found.map((s) => [s.id, s.group, s.title]),
        ['left', 'left', 'left'],
      ),
    );
    terminal.result(found);
    return 0;
  },
});
