/** The command line that does what a request asks for, or what made a result; files are stood for by words in capitals. */
import { EngineError } from '../../../engine/errors.ts';
import { type CommandRecord, commandLine } from '../../../engine/recon/provenance.ts';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { JobRequest } from '../api/job.ts';
import type { Library } from '../services.ts';
import { commandRecord, settingTexts } from './command-record.ts';
import { batchSettings } from './run-batch.ts';

const line = (record: CommandRecord) => commandLine(record).replace(' --out DIR', ' --out RESULT');

/** Words of a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.,:=+/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const sets = (parameters: Parameters<typeof settingTexts>[0]) =>
  Object.entries(settingTexts(parameters)).map(([name, value]) => `--set ${quoted(`${name}=${value}`)}`);

function solveLine(solver: string, inputs: readonly string[], parameters: string[], seed: number): string {
  const given = inputs.map((name) => `--input ${quoted(`${name}=${name.toUpperCase()}`)}`);
  return [`tangent solve ${quoted(solver)}`, ...given, ...parameters, `--seed ${seed}`, '--out RESULT'].join(' ');
}

export function requestCommand(request: JobRequest): string {
  switch (request.kind) {
    case 'reconstruct':
      return line(commandRecord(request));
    case 'solve':
      return solveLine(request.solver, Object.keys(request.inputs), sets(request.parameters), request.seed);
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

async function resultCommand(result: string, library: Library): Promise<string> {
  const { kind, result: record } = await library.describe(result);
  if (kind === 'result') return line((await readResult(library.folderOf(result))).command);
  if (kind === 'solution' && record !== null) {
    const { solver, params, seed } = record as { solver: string; params: Record<string, never>; seed: number };
    return solveLine(solver, ['input'], sets(params), seed);
  }
  throw new EngineError('bad-usage', 'the item was not made here');
}

export async function jobCommand(
  { request, result }: { request?: JobRequest | undefined; result?: string | undefined },
  library: Library,
): Promise<string> {
  if (request !== undefined) return requestCommand(request);
  if (result !== undefined) return resultCommand(result, library);
  throw new EngineError('bad-usage', 'give a request or a result');
}
