/**
 * Where Node keeps compiled sources between runs; without it every start strips the types of all files again. In the
 * user's own cache folder, where no other user can put code.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function compileCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.NODE_COMPILE_CACHE) return env.NODE_COMPILE_CACHE;
  if (env.TANGENT_CACHE) return join(env.TANGENT_CACHE, 'compiled');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'tangent', 'compiled');
  if (process.platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'tangent', 'Cache', 'compiled');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tangent', 'compiled');
}
