/** Errors of writing as EngineErrors that say what to do. */
import { EngineError } from '../errors.ts';

export function writeError(cause: unknown, path: string): unknown {
  if (cause instanceof EngineError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EngineError('resource', 'the disk is full', {
        path,
        cause,
        hint: 'Free some space or choose another folder; nothing partial was left.',
      });
    case 'EFBIG':
      return new EngineError('resource', 'the file is too large for this disk', { path, cause });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EngineError('bad-usage', 'writing there is not allowed', {
        path,
        cause,
        hint: 'Choose another place.',
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new EngineError('not-found', 'the folder to write into does not exist', { path, cause });
    case 'EEXIST':
      return new EngineError('bad-usage', 'a file stands where a folder is needed', { path, cause });
    case 'ENAMETOOLONG':
      return new EngineError('bad-usage', 'the name is too long', { path, cause });
    case 'EIO':
      return new EngineError('resource', 'the disk reports an error', { path, cause, hint: 'Check the disk.' });
    default:
      // Not of the file system: the caller's own error.
      return cause;
  }
}
