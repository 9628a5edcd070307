/** The ways into the library: dialogs, drops, folders given with --root, the demo scan. Failures become toasts. */
import { announce } from '../app/announce.ts';
import { useFrame } from '../app/frame-state.ts';
import { host, useSession } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { followScan } from './follow-scan.ts';

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    toastError(thrown);
  }
}

async function openHandles(handles: readonly string[]): Promise<void> {
  const { scan } = await host().call('library.open', { handles: [...handles] });
  followScan(scan);
}

/** Files chosen or dropped in the page. */
export function openFiles(files: readonly File[]): Promise<void> {
  return attempt(async () => {
    if (files.length === 0) return;
    if (files.length > 50) toast(`Handing ${files.length} files to the host…`);
    else announce('Opening');
    const handed = await host().upload(files);
    await openHandles(handed.map(({ handle }) => handle));
  });
}

/** A browser's own file dialog. */
function pickInPage(folder: boolean): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.webkitdirectory = folder;
    input.hidden = true;
    input.setAttribute('aria-label', folder ? 'Folder to open' : 'Files to open');
    const finish = () => {
      input.remove();
      resolve([...(input.files ?? [])]);
    };
    input.addEventListener('change', finish);
    input.addEventListener('cancel', finish);
    document.body.append(input);
    input.click();
  });
}

export function chooseAndOpen(purpose: 'open-files' | 'open-folder'): Promise<void> {
  return attempt(async () => {
    if (useSession.getState().app?.host === 'electron') {
      const { chosen } = await host().call('files.choose', { purpose });
      if (chosen.length > 0) await openHandles(chosen.map(({ handle }) => handle));
      return;
    }
    await openFiles(await pickInPage(purpose === 'open-folder'));
  });
}

export function openDemo(): Promise<void> {
  return attempt(async () => {
    const { scan } = await host().call('library.openDemo', {});
    followScan(scan);
  });
}

/** Something found below a --root folder. */
export function openHandle(handle: string): Promise<void> {
  return attempt(async () => {
    useFrame.setState({ dialog: null });
    await openHandles([handle]);
  });
}
