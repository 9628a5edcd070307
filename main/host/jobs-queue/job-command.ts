/** The command line that does what a request asks for, or what made a result; files are stood for by words in capitals. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { type CommandRecord, commandLine } from '../../../engine/recon/provenance.ts';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { JobRequest } from '../api/job.ts';
import type { Library } from '../services.ts';
import { commandRecord, settingTexts } from './command-record.ts';
import { batchSettings } from './run-batch.ts';
import { defaultPrior } from './run-solve.ts';

/** What result.json of a solver says of how it was run. */
const solution = z.looseObject({ solver: z.string(), params: z.record(z.string(), z.json()), seed: z.number() });

const line = (record: CommandRecord) => commandLine(record).replace(' --out DIR', ' --out RESULT');

/** Words of a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.,:=+/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const sets = (parameters: Parameters<typeof settingTexts>[0]) =>
  Object.entries(settingTexts(parameters)).map(([name, value]) => `--set ${quoted(`${name}=${value}`)}`);

function solveLine(solver: string, inputs: readonly string[], more: readonly string[], seed: number): string {
  return [`tangent solve ${quoted(solver)}`, ...inputs, ...more, `--seed ${seed}`, '--out RESULT'].join(' ');
}

const inputWord = (slot: string, value: string) => `--input ${quoted(`${slot}=${value}`)}`;

function solveCommand(request: Extract<JobRequest, { kind: 'solve' }>): string {
  const { solver, demo, seed, inputs, files, parameters } = request;
  if (demo) return solveLine(solver, [], ['--demo'], seed);
  const priors = Object.entries({ ...defaultPrior(request), ...request.priors });
  const read = Object.keys({ ...inputs, ...files }).map((slot) => inputWord(slot, slot.toUpperCase()));
  return solveLine(solver, [...read, ...priors.map(([slot, name]) => inputWord(slot, name))], sets(parameters), seed);
}

export function requestCommand(request: JobRequest): string {
  switch (request.kind) {
    case 'reconstruct':
      return line(commandRecord(request));
    case 'solve':
      return solveCommand(request);
    case 'prior-check':
      return `tangent priors check ${quoted(request.prior)}${request.item === undefined ? '' : ' --on INPUT'}`;
    case 'prior-import': {
      const { name, licence, source } = request;
      const stated = Object.entries({ licence, source }).filter(([, value]) => value !== '');
      const words = stated.map(([option, value]) => `--${option} ${quoted(value)}`);
      return ['tangent priors import INPUT', `--name ${name}`, ...words].join(' ');
    }
    case 'prior-train':
      return `tangent priors train --data INPUT --config CONFIG.json --out RESULT${request.init === undefined ? '' : ` --init ${quoted(request.init)}`}`;
    case 'batch': {
      const words = [
        ...(request.watch ? ['--watch'] : []),
        ...(request.concurrency > 1 ? [`--concurrency ${request.concurrency}`] : []),
        '--resume',
      ];
      const each = line(commandRecord(batchSettings(request))).replace('tangent reconstruct', 'tangent batch');
      return [each, ...words].join(' ');
    }
    default:
      throw new EngineError('unsupported', `there is no command for a job of kind ${request.kind}`);
  }
}

async function resultCommand(result: string, library: Library, made: JobRequest | undefined): Promise<string> {
  const { kind, result: record } = await library.describe(result);
  if (kind === 'result') return line((await readResult(library.folderOf(result))).command);
  if (made?.kind === 'solve') return solveCommand(made);
  const parsed = solution.safeParse(record);
  if (kind === 'solution' && parsed.success) {
    const { solver, params, seed } = parsed.data;
    if (params.demo === true) return solveLine(solver, [], ['--demo'], seed);
    return solveLine(solver, ['--input NAME=INPUT'], sets(params), seed);
  }
  throw new EngineError('bad-usage', 'the item was not made here');
}

/** `madeBy`: the request of the job that made a result folder, where it is known. */
export async function jobCommand(
  { request, result }: { request?: JobRequest | undefined; result?: string | undefined },
  library: Library,
  madeBy: (folder: string) => JobRequest | undefined,
): Promise<string> {
  if (request !== undefined) return requestCommand(request);
  if (result !== undefined) return resultCommand(result, library, madeBy(library.folderOf(result)));
  throw new EngineError('bad-usage', 'give a request or a result');
}
