/** One file or folder for a job: the native dialog, or in a browser what is uploaded. Null when nothing was chosen. */
import { host, useSession } from '../app/session.ts';
import { pickInPage } from '../library/pick-in-page.ts';

export async function chooseHandle(folder: boolean): Promise<{ handles: string[]; name: string } | null> {
  if (useSession.getState().app?.host === 'electron') {
    const { chosen } = await host().call('files.choose', { purpose: folder ? 'open-folder' : 'open-files' });
    const [first] = chosen;
    return first === undefined ? null : { handles: chosen.map(({ handle }) => handle), name: first.name };
  }
  const files = await pickInPage(folder);
  const [first] = files;
  if (first === undefined) return null;
  const handed = await host().upload(files);
  return {
    handles: [...new Set(handed.map(({ handle }) => handle))],
    name: folder ? first.webkitRelativePath.split('/')[0] : first.name,
  };
}
