/** Errors the engine reports to a person: what is wrong, where, and what to do about it. */

export type ErrorCode =
  | 'bad-input' // a file or array is not what it must be
  | 'bad-usage' // an option or parameter is unknown or out of range
  | 'unsupported' // valid, but not something this version can do
  | 'not-found'
  | 'mismatch' // two inputs contradict each other (maps against k-space, prior against modality)
  | 'numerical' // a computation left the finite numbers
  | 'resource' // memory, disk, device
  | 'untrusted' // refused for safety
  | 'cancelled'
  | 'internal';

export interface ErrorDetails {
  /** What the user can do next. */
  hint?: string;
  /** File, field or tensor the error is about. Never patient data. */
  path?: string;
  cause?: unknown;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly path: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.path = details.path;
  }
}

/** Throws `bad-input` (or the given code) unless the condition holds. The message is built only on failure. */
export function check(
  condition: boolean,
  message: () => string,
  details: ErrorDetails & { code?: ErrorCode } = {},
): asserts condition {
  if (!condition) throw new EngineError(details.code ?? 'bad-input', message(), details);
}
