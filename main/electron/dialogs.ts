/** Native dialogs; what was chosen leaves as handles. */
import { basename } from 'node:path';
import type { BrowserWindow, Dialog } from 'electron';
import type { CallOutput, CallRequest } from '../host/api/api.ts';
import type { FileAccess } from '../host/services.ts';

type Choose = (request: CallRequest<'files.choose'>, files: FileAccess) => Promise<CallOutput<'files.choose'>>;

/** Without folders, and short enough for every file system. */
const plainName = (name: string) => name.replace(/[/\\:*?"<>|\p{Cc}]/gu, '_').slice(0, 120);

export function nativeDialogs(
  dialog: Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>,
  window: () => BrowserWindow | undefined,
): Choose {
  return async ({ purpose, suggestedName }, files) => {
    const parent = window();
    if (parent === undefined) return { chosen: [] };
    const grant = (paths: readonly string[]) => ({
      chosen: paths.map((path) => ({ handle: files.grant(path), name: basename(path) })),
    });
    if (purpose === 'save-file') {
      const defaultPath = suggestedName === '' ? undefined : plainName(suggestedName);
      const { canceled, filePath } = await dialog.showSaveDialog(parent, { defaultPath });
      return grant(canceled || filePath === '' ? [] : [filePath]);
    }
    const { canceled, filePaths } = await dialog.showOpenDialog(parent, {
      properties:
        purpose === 'open-files'
          ? ['openFile', 'multiSelections']
          : purpose === 'open-folder'
            ? ['openDirectory', 'multiSelections']
            : ['openDirectory', 'createDirectory'],
    });
    return grant(canceled ? [] : filePaths);
  };
}
