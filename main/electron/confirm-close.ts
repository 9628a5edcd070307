/** Asks before a window closes on running jobs. */
import type { BrowserWindow, Dialog } from 'electron';
import type { Host } from '../host/host.ts';

const unfinished: readonly string[] = ['running', 'queued', 'cancelling'];

/** True when nothing runs, or the user agrees to pause it. */
export async function mayClose(
  host: Host,
  dialog: Pick<Dialog, 'showMessageBox'>,
  window: BrowserWindow,
): Promise<boolean> {
  const count = host.services.jobs.list().filter(({ state }) => unfinished.includes(state)).length;
  if (count === 0) return true;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: count === 1 ? 'A job is not finished.' : `${count} jobs are not finished.`,
    detail: 'Reconstructions are paused and go on where they stood when you resume them; other jobs begin again.',
    buttons: ['Keep working', 'Pause and quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}
