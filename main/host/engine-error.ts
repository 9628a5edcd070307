/** From any thrown thing to an EngineError: system errors get a plain sentence, the unknown becomes `internal`. */
import { EngineError, type ErrorCode } from '../../engine/errors.ts';

const systemCodes: Readonly<Record<string, { code: ErrorCode; message: string; hint: string }>> = {
  ENOENT: { code: 'not-found', message: 'no such file or folder', hint: 'Check the path.' },
  EACCES: { code: 'bad-input', message: 'permission denied', hint: 'Check who may read and write there.' },
  EPERM: { code: 'bad-input', message: 'operation not permitted', hint: 'Check who may read and write there.' },
  ENOTDIR: { code: 'bad-input', message: 'a part of the path is not a folder', hint: 'Check the path.' },
  EISDIR: { code: 'bad-input', message: 'expected a file, found a folder', hint: 'Check the path.' },
  EROFS: { code: 'bad-input', message: 'the file system is read-only', hint: 'Choose another place.' },
  ENAMETOOLONG: { code: 'bad-input', message: 'the path is too long', hint: 'Choose a shorter one.' },
  ELOOP: { code: 'bad-input', message: 'the path is a loop of links', hint: 'Check the path.' },
  ENOSPC: { code: 'resource', message: 'the disk is full', hint: 'Free some space or choose another place.' },
  EDQUOT: { code: 'resource', message: 'the disk quota is used up', hint: 'Free some space or choose another place.' },
  EFBIG: { code: 'resource', message: 'the file would be too large', hint: 'Choose another place.' },
  EIO: { code: 'resource', message: 'the disk reported an error', hint: 'Check the disk.' },
  EMFILE: { code: 'resource', message: 'too many open files', hint: 'Close other programs.' },
};

function systemError(thrown: unknown): EngineError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  if (thrown.code.startsWith('ERR_PARSE_ARGS_'))
    return new EngineError('bad-usage', thrown.message.replace(/\.$/, ''), { path: 'command line', cause: thrown });
  const known = systemCodes[thrown.code];
  if (known === undefined) return undefined;
  const path = 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : undefined;
  return new EngineError(known.code, known.message, { path, hint: known.hint, cause: thrown });
}

export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const system = systemError(thrown);
  if (system !== undefined) return system;
  if (thrown instanceof RangeError && /array (buffer )?(allocation|length)/i.test(thrown.message))
    return new EngineError('resource', `not enough memory: ${thrown.message}`, { cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineError('internal', message === '' ? 'unknown error' : message, { cause: thrown });
}
