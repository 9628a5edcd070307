import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WebContents } from 'electron';
import { vi } from 'vitest';
import { appProtocol } from '../../main/electron/app-protocol.ts';
import { appOrigin } from '../../main/electron/channels.ts';
import { registerIpc } from '../../main/electron/ipc.ts';
import { createHost } from '../../main/host/create-host.ts';
import { builtPage } from '../browser/start-studio.ts';
import { hostContract } from '../host/contract.ts';
import { rootFolder } from '../host/root-folder.ts';
import { ipcMain, loadPreload, places, shown } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

hostContract('Electron, its channels replaced at the boundary', async () => {
  const root = await rootFolder();
  const dataFolder = await mkdtemp(join(tmpdir(), 'tangent-window-'));
  const host = await createHost({ kind: 'electron', dataFolder, roots: [root.path], lookForDevices: false });
  const off = registerIpc({ ipcMain, host, page: () => shown as unknown as WebContents });
  const answer = appProtocol(host, await builtPage());
  const bridge = await loadPreload();
  return {
    kind: 'electron',
    root: root.name,
    call: (name, input) => bridge.call(name, input),
    onEvent: (listener) => bridge.onEvent(listener),
    // A plain object, so that no URL rules tidy the path.
    get: (path) => answer({ url: `${appOrigin}${path}`, method: 'GET' } as Request),
    handOver: async (files) => {
      const top = await mkdtemp(join(dataFolder, 'dropped-'));
      const dropped = new Set<string>();
      for (const { name, bytes } of files) {
        await mkdir(dirname(join(top, name)), { recursive: true });
        await writeFile(join(top, name), bytes);
        dropped.add(join(top, name.split('/')[0]));
      }
      const given = [...dropped].map((path) => {
        const file = {};
        places.set(file, path);
        return file;
      });
      return bridge.call('files.handOver', given);
    },
    close: async () => {
      off();
      await host.dispose();
      for (const path of [dataFolder]) await rm(path, { recursive: true, force: true });
      await root.remove();
    },
  };
});
