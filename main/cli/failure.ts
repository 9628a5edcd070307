/** From any thrown thing to exit code, one line, and the JSON object of contract.md. */
import type { ErrorCode } from '../../engine/errors.ts';
import { toEngineError } from '../host/engine-error.ts';

/** 1: the work failed. 2: bad usage or bad input, which includes a full disk and a missing device. */
const exitCodes: Readonly<Record<ErrorCode, number>> = {
  'bad-input': 2,
  'bad-usage': 2,
  unsupported: 2,
  'not-found': 2,
  mismatch: 2,
  untrusted: 2,
  resource: 2,
  numerical: 1,
  internal: 1,
  cancelled: 130,
};

const advice: Readonly<Record<ErrorCode, string>> = {
  'bad-input': 'Check the file.',
  'bad-usage': 'See tangent --help.',
  unsupported: 'See tangent info INPUT and tangent doctor.',
  'not-found': 'Check the name.',
  mismatch: 'Give inputs that belong together.',
  untrusted: 'Use a file from a source you trust.',
  resource: 'Free memory or disk space, or use a smaller input.',
  numerical: 'Try another method or other parameters.',
  internal: 'Run again with --verbose and report the log.',
  cancelled: 'Nothing was written.',
};

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

export interface Failure {
  exitCode: number;
  /** `tangent: <what is wrong> (<where>). <what to do>` */
  line: string;
  json: { error: { code: ErrorCode; message: string; path: string | null; hint: string } };
  stack: string;
}

export function failure(thrown: unknown): Failure {
  const error = toEngineError(thrown);
  const message = oneLine(error.message).replace(/\.$/, '');
  const path = error.path === undefined ? null : oneLine(error.path);
  const hint = sentence(oneLine(error.hint ?? advice[error.code]));
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return {
    exitCode: exitCodes[error.code],
    line: `tangent: ${message}${path === null ? '' : ` (${path})`}. ${hint}`,
    json: { error: { code: error.code, message, path, hint } },
    stack: `${error.stack ?? ''}${cause}`,
  };
}
