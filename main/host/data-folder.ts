/** Where the program keeps settings, jobs and results of this user, by the conventions of the system. */
import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export function dataFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.TANGENT_DATA) return env.TANGENT_DATA;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Tangent');
  if (platform === 'win32') return join(env.APPDATA || join(homedir(), 'AppData', 'Roaming'), 'Tangent');
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'tangent');
}

/** Makes the folder if need be; nobody else may look into it. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') await chmod(path, 0o700);
}
