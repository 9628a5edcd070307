/** The files beside an ONNX model that hold its weights: plain names in its own folder, nothing else. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { check, EngineError } from '../../errors.ts';
import { dataFileName } from '../manifest.ts';
import { readOnnx } from './read-onnx.ts';

export interface ExternalFile {
  name: string;
  path: string;
}

const shown = (name: string) => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/**
 * Checks every external file of the model at `path`. Throws `untrusted` for locations outside its folder (by name or
 * by link), `not-found` or `bad-input` when a file is missing or too short.
 */
export async function externalFiles(path: string, external: ReadonlyMap<string, number>): Promise<ExternalFile[]> {
  const folder = dirname(path);
  const found: ExternalFile[] = [];
  for (const [name, bytes] of external) {
    check(
      dataFileName.safeParse(name).success && name.toLowerCase() !== 'manifest.json',
      () => `the network keeps weights in ${shown(name)}, expected a plain file name in its own folder`,
      { code: 'untrusted', path, hint: 'save it again with its data file beside it' },
    );
    const file = join(folder, name);
    const info = await stat(file).catch((cause: unknown) => {
      throw new EngineError('not-found', `the network keeps weights in ${shown(name)}, which is not beside it`, {
        path: file,
        cause,
        hint: 'put the data file into the folder of the .onnx file',
      });
    });
    check(info.isFile(), () => 'external data are not a file', { path: file });
    const inside = dirname(await realpath(file)) === (await realpath(folder));
    check(inside, () => `${shown(name)} is a link that leaves the folder of the network`, {
      code: 'untrusted',
      path: file,
      hint: 'put the data file itself there',
    });
    check(info.size >= bytes, () => `external data have ${info.size} bytes, the network needs ${bytes}`, {
      path: file,
    });
    found.push({ name, path: file });
  }
  return found;
}

/** Refuses a model that reaches for files its manifest does not list. */
export async function checkListed(path: string, listed: readonly string[]): Promise<void> {
  const { external } = await readOnnx(path);
  for (const name of external.keys())
    check(
      listed.includes(name),
      () => `the network keeps weights in ${shown(name)}, which its manifest does not list`,
      {
        code: 'untrusted',
        path,
      },
    );
}
