/** The window: its life from start to quit. Everything it shows comes from the host. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, shell, utilityProcess } from 'electron';
import { commandTable } from '../cli/command-table.ts';
import { createHost } from '../host/create-host.ts';
import { dataFolder } from '../host/data-folder.ts';
import type { Host } from '../host/host.ts';
import { startEnginesWith } from '../host/spawn-engine.ts';
import { appArguments } from './app-arguments.ts';
import { appMenu } from './app-menu.ts';
import { appProtocol, schemes } from './app-protocol.ts';
import { appOrigin, appScheme } from './channels.ts';
import { mayClose } from './confirm-close.ts';
import { nativeDialogs } from './dialogs.ts';
import { guardApp, guardSession } from './guard-session.ts';
import { registerIpc } from './ipc.ts';
import { openOutside } from './open-outside.ts';
import { utilityEngine, utilityReader } from './utility-process.ts';
import { windowOptions } from './window-options.ts';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const words = process.argv.slice(app.isPackaged ? 1 : 2);

async function commandLine(): Promise<void> {
  await app.whenReady();
  startEnginesWith(utilityEngine(utilityProcess));
  process.argv = [process.argv[0], 'tangent', ...words];
  await import('../cli/tangent.ts');
  app.exit(Number(process.exitCode ?? 0));
}

/** `isClosing` is true once the user has agreed to quit. */
async function openWindow(isClosing: () => boolean): Promise<BrowserWindow> {
  const window = new BrowserWindow(windowOptions(fromHere('./preload.cjs')));
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    if (isClosing()) return;
    event.preventDefault();
    app.quit();
  });
  // Jobs live in the host; a page that crashed is loaded again and finds them.
  window.webContents.on('render-process-gone', () => window.webContents.reload());
  await window.loadURL(`${appOrigin}/`);
  return window;
}

async function studio(): Promise<void> {
  const given = appArguments(words, process.cwd());
  if (!app.requestSingleInstanceLock({ paths: given.paths })) return app.quit();

  const waiting = [...given.paths];
  let host: Host | undefined;
  let window: BrowserWindow | undefined;
  let closing = false;
  const open = (paths: readonly string[]) => {
    const there = paths.filter((path) => existsSync(path));
    if (host === undefined) waiting.push(...there);
    else if (there.length > 0) host.services.library.open(there);
  };
  app.on('second-instance', (_event, argv, folder, data) => {
    const forwarded =
      typeof data === 'object' && data !== null && 'paths' in data && Array.isArray(data.paths)
        ? data.paths.filter((path) => typeof path === 'string')
        : appArguments(argv.slice(1), folder).paths;
    open(forwarded);
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
  const outside = openOutside(shell);
  guardApp(app, outside);
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (host === undefined) return;
    event.preventDefault();
    const disposing = host;
    host = undefined;
    void disposing.dispose().finally(() => app.quit());
  });
  app.on('before-quit', (event) => {
    if (closing || host === undefined || window === undefined) return;
    event.preventDefault();
    void mayClose(host, dialog, window).then((yes) => {
      closing = yes;
      if (yes) app.quit();
    });
  });

  await app.whenReady();
  guardSession(session.defaultSession);
  startEnginesWith(utilityEngine(utilityProcess));
  const reader = fromHere('../host/library/reader-process.ts');
  const started = await createHost({
    kind: 'electron',
    dataFolder: given.data ?? dataFolder(),
    roots: given.roots,
    choose: nativeDialogs(dialog, () => window),
    forkReader: utilityReader(utilityProcess, reader),
  });
  protocol.handle(appScheme, appProtocol(started, fromHere('../../dist/renderer')));
  const command = (id: string) => started.emit({ type: 'command', command: id });
  Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu({ command, openOutside: outside })));
  registerIpc({ ipcMain, host: started, page: () => window?.webContents });
  host = started;
  open(waiting.splice(0));
  window = await openWindow(() => closing);
}

const isCommand = words.length > 0 && Object.hasOwn(commandTable, words[0]) && words[0] !== 'studio';
const version = words[0] === '--version' || words[0] === '--help';
if (!isCommand && !version) protocol.registerSchemesAsPrivileged([...schemes]);
(isCommand || version ? commandLine() : studio()).catch((thrown) => {
  dialog.showErrorBox('Tangent cannot start', thrown instanceof Error ? thrown.message : String(thrown));
  app.exit(1);
});
