/** The ways into the library: dialogs, drops, folders given with --root, the demo scan. Failures become toasts. */
import { announce } from '../app/announce.ts';
import { useFrame } from '../app/frame-state.ts';
import { host, useSession } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { pickInPage } from './pick-in-page.ts';

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    toastError(thrown);
  }
}

async function openHandles(handles: readonly string[]): Promise<void> {
  // Files of one folder are handed over as that folder, once each.
  await host().call('library.open', { handles: [...new Set(handles)] });
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
    await host().call('library.openDemo', {});
  });
}

/** Something found below a --root folder. */
export function openHandle(handle: string): Promise<void> {
  return attempt(async () => {
    useFrame.setState({ dialog: null });
    await openHandles([handle]);
  });
}
