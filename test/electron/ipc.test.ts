/** What Electron's side refuses, with Electron's own objects replaced at the boundary. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MenuItemConstructorOptions, WebContents } from 'electron';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { appArguments } from '../../main/electron/app-arguments.ts';
import { appMenu, outsideLinks } from '../../main/electron/app-menu.ts';
import { appProtocol, schemes } from '../../main/electron/app-protocol.ts';
import { appOrigin, channels } from '../../main/electron/channels.ts';
import { mayClose } from '../../main/electron/confirm-close.ts';
import { nativeDialogs } from '../../main/electron/dialogs.ts';
import { guardPage, guardSession } from '../../main/electron/guard-session.ts';
import { registerIpc } from '../../main/electron/ipc.ts';
import { openOutside } from '../../main/electron/open-outside.ts';
import { windowOptions } from '../../main/electron/window-options.ts';
import type { HostEvent } from '../../main/host/api/api.ts';
import { createHost } from '../../main/host/create-host.ts';
import type { Host } from '../../main/host/host.ts';
import { exposed, FakePage, handled, invoke, ipcMain, loadPreload, shown } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

describe('the channels of the window', () => {
  let host: Host;
  let dataFolder: string;
  let off = () => {};
  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'tangent-ipc-'));
    host = await createHost({ kind: 'electron', dataFolder, roots: [], lookForDevices: false });
    off = registerIpc({ ipcMain, host, page: () => shown as unknown as WebContents });
  });
  afterAll(async () => {
    off();
    expect(handled()).toEqual([]);
    await host.dispose();
    await rm(dataFolder, { recursive: true, force: true });
  });
  const own = { page: shown, frame: shown.mainFrame };
  const refused = (code: string) => ({ ok: false, error: { code } });

  test('there are two, and no others are answered', async () => {
    expect(handled()).toEqual([channels.call, channels.handOver]);
    await expect(invoke(own, 'tangent:other')).rejects.toThrow('No handler');
    expect(await invoke(own, channels.call, 'app.describe', {})).toMatchObject({ ok: true });
  });

  test('another window, a frame inside, a gone frame, another origin: all refused', async () => {
    const stranger = new FakePage();
    const inner = { origin: appOrigin, parent: shown.mainFrame };
    for (const from of [
      { page: stranger, frame: stranger.mainFrame },
      { page: shown, frame: inner },
      { page: shown, frame: null },
      { page: stranger, frame: shown.mainFrame },
    ])
      for (const channel of Object.values(channels).filter((name) => name !== channels.event))
        expect(await invoke(from, channel, 'app.describe', {})).toMatchObject(refused('untrusted'));
    for (const origin of ['https://example.com', 'file://', 'null', `${appOrigin}.evil`, 'tangent-app://other']) {
      shown.mainFrame.origin = origin;
      expect(await invoke(own, channels.call, 'app.describe', {})).toMatchObject(refused('untrusted'));
    }
    shown.mainFrame.origin = appOrigin;
  });

  test('calls of another form, and inputs without end, are refused', async () => {
    expect(await invoke(own, channels.call, 7, {})).toMatchObject(refused('bad-usage'));
    expect(await invoke(own, channels.call, 'x'.repeat(65), {})).toMatchObject(refused('bad-usage'));
    expect(await invoke(own, channels.call, 'app.describe', {}, 'more')).toMatchObject(refused('bad-usage'));
    expect(await invoke(own, channels.call, 'constructor', {})).toMatchObject(refused('bad-usage'));
    const search = 'x'.repeat(2 ** 24);
    expect(await invoke(own, channels.call, 'library.list', { search })).toMatchObject(refused('resource'));
    expect(await invoke(own, channels.handOver, 'path')).toMatchObject(refused('bad-usage'));
    expect(await invoke(own, channels.handOver, ['relative'])).toMatchObject(refused('untrusted'));
    expect(await invoke(own, channels.handOver, [''])).toMatchObject(refused('untrusted'));
    expect(await invoke(own, channels.handOver, [join(dataFolder, 'none')])).toMatchObject(refused('not-found'));
  });

  test('the preload gives two functions, and events as data without the event object', async () => {
    const bridge = await loadPreload();
    expect([...exposed.keys()]).toEqual(['tangent']);
    expect(Object.keys(bridge).sort()).toEqual(['call', 'onEvent']);
    const heard: unknown[][] = [];
    const stop = bridge.onEvent((...words: unknown[]) => heard.push(words));
    host.emit({ type: 'command', command: 'app.keys' });
    expect(heard).toEqual([[{ type: 'command', command: 'app.keys' }]]);
    stop();
    host.emit({ type: 'command', command: 'app.keys' });
    expect(heard).toHaveLength(1);
    // A file made by a script has no place, and cannot name one.
    expect(await bridge.call('files.handOver', [{ path: '/etc/passwd' }])).toMatchObject(refused('untrusted'));
    expect(await bridge.call('files.handOver', { length: 1 })).toMatchObject({ ok: true, value: [] });
  });

  test('a closed window hears nothing more', () => {
    const heard: unknown[] = [];
    shown.heard.on(channels.event, (_event, data) => heard.push(data));
    shown.destroyed = true;
    host.emit({ type: 'command', command: 'app.keys' });
    shown.destroyed = false;
    expect(heard).toEqual([]);
  });

  test('the scheme is standard and secure, bypasses no policy, and takes GET and HEAD of its own address only', async () => {
    expect(schemes).toEqual([
      {
        scheme: 'tangent-app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
      },
    ]);
    await writeFile(join(dataFolder, 'index.html'), '<!doctype html>');
    const answer = appProtocol(host, dataFolder);
    const ask = (url: string, method = 'GET') => answer({ url, method } as Request);
    expect((await ask(`${appOrigin}/`)).status).toBe(200);
    const head = await ask(`${appOrigin}/?q#f`, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask(`${appOrigin}/`, method)).status).toBe(405);
    for (const url of [
      'tangent-app://other/',
      `${appOrigin}.evil/`,
      'https://example.com/',
      `${appOrigin}/settings.json/..`,
    ])
      expect([url, (await ask(url)).status]).toEqual([url, 404]);
  });
});

describe('what a page cannot do in the window', () => {
  test('the cage of its page', () => {
    expect(windowOptions('/preload.cjs').webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
    });
    const { webPreferences = {} } = windowOptions('/preload.cjs');
    for (const name of ['webSecurity', 'experimentalFeatures', 'enableBlinkFeatures', 'allowRunningInsecureContent'])
      expect(Object.keys(webPreferences)).not.toContain(name);
  });

  test('navigation, redirects, windows, permissions and downloads are denied; listed links leave', async () => {
    const opened: string[] = [];
    const outside = openOutside({ openExternal: async (url) => void opened.push(url) });
    const listeners = new Map<string, (event: { url: string; preventDefault(): void }) => void>();
    let windowOpen: ((details: { url: string }) => { action: string }) | undefined;
    const on = (name: string, listener: (event: never) => void) => void listeners.set(name, listener as never);
    guardPage({ on, setWindowOpenHandler: (handler: never) => void (windowOpen = handler) } as never, outside);
    const denied = (name: string, url: string) => {
      let prevented = false;
      listeners.get(name)?.({ url, preventDefault: () => void (prevented = true) });
      return prevented;
    };
    for (const name of ['will-navigate', 'will-frame-navigate']) {
      for (const url of ['https://example.com/', 'file:///etc/passwd', 'tangent-app://other/', 'data:text/html,x'])
        expect([name, url, denied(name, url)]).toEqual([name, url, true]);
      expect(denied(name, `${appOrigin}/`)).toBe(false);
    }
    expect(denied('will-redirect', `${appOrigin}/`)).toBe(true);
    expect(denied('will-attach-webview', '')).toBe(true);
    for (const url of [
      outsideLinks[0].url,
      `${outsideLinks[0].url}/x`,
      'http://example.com',
      'file:///etc/passwd',
      'smb://x',
    ])
      expect(windowOpen?.({ url })).toEqual({ action: 'deny' });
    expect(opened).toEqual([outsideLinks[0].url]);
    expect(outsideLinks.every(({ url }) => url.startsWith('https://'))).toBe(true);

    const given = new Map<string, (...words: never[]) => unknown>();
    const keep = (name: string) => (handler: (...words: never[]) => unknown) => void given.set(name, handler);
    guardSession({
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
      on: (name: string, handler: (...words: never[]) => unknown) => void given.set(name, handler),
    } as never);
    const answers: unknown[] = [];
    given.get('request')?.(...([null, 'media', (yes: unknown) => answers.push(yes)] as never[]));
    answers.push(given.get('check')?.(), given.get('device')?.());
    expect(answers).toEqual([false, false, false]);
    let stopped = false;
    given.get('will-download')?.(...([{ preventDefault: () => void (stopped = true) }] as never[]));
    expect(stopped).toBe(true);
  });
});

describe('menu, dialogs, arguments, closing', () => {
  test('every entry of the menu is a command of the page or a role, and takes no key from it', () => {
    const said: HostEvent[] = [];
    const menu = appMenu(
      { command: (command) => said.push({ type: 'command', command }), openOutside: () => {} },
      'linux',
    );
    const flat = (entries: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
      entries.flatMap((entry) => (Array.isArray(entry.submenu) ? flat(entry.submenu) : [entry]));
    const entries = flat(menu).filter(({ type }) => type !== 'separator');
    for (const entry of entries) {
      expect(entry.accelerator).toBe(undefined);
      expect(entry.role ?? entry.click).toBeDefined();
      if (['cut', 'copy', 'paste', 'selectAll'].includes(entry.role ?? ''))
        expect(entry.registerAccelerator).toBe(false);
      entry.click?.(undefined as never, undefined, undefined as never);
    }
    expect(said.length).toBeGreaterThan(12);
    expect(said).toContainEqual({ type: 'command', command: 'library.open-files' });
  });

  test('dialogs give handles and names, never paths; suggested names lose their folders', async () => {
    const asked: unknown[] = [];
    const dialog = {
      showOpenDialog: async (_window: unknown, options: unknown) => {
        asked.push(options);
        return { canceled: false, filePaths: ['/data/series'] };
      },
      showSaveDialog: async (_window: unknown, options: unknown) => {
        asked.push(options);
        return { canceled: true, filePath: '' };
      },
    };
    const choose = nativeDialogs(dialog as never, () => ({}) as never);
    const files = { grant: () => 'h12345678', pathOf: () => '', browse: async () => ({ entries: [] }) };
    const chosen = await choose({ purpose: 'open-folder', suggestedName: '' }, files);
    expect(chosen).toEqual({ chosen: [{ handle: 'h12345678', name: 'series' }] });
    expect(await choose({ purpose: 'save-file', suggestedName: '../../x/y.png' }, files)).toEqual({ chosen: [] });
    expect(asked).toEqual([{ properties: ['openDirectory', 'multiSelections'] }, { defaultPath: '.._.._x_y.png' }]);
    const closed = nativeDialogs(dialog as never, () => undefined);
    expect(await closed({ purpose: 'open-files', suggestedName: '' }, files)).toEqual({ chosen: [] });
  });

  test('words of a start: paths, roots, data; switches of Chromium are passed over', () => {
    const words = ['--no-sandbox', 'a.dcm', '--root', 'r', '--data=d', '--allow-file-access', '/abs/b'];
    expect(appArguments(words, '/here')).toEqual({
      paths: ['/here/a.dcm', '/abs/b'],
      roots: ['/here/r'],
      data: '/here/d',
    });
  });

  test('closing asks while a job is not finished', async () => {
    const asked: unknown[] = [];
    const dialog = (response: number) => ({
      showMessageBox: async (...words: unknown[]) => {
        asked.push(words);
        return { response, checkboxChecked: false };
      },
    });
    const hostWith = (...states: string[]) =>
      ({ services: { jobs: { list: () => states.map((state) => ({ state })) } } }) as unknown as Host;
    const ask = (host: Host, response: number) => mayClose(host, dialog(response) as never, {} as never);
    expect(await ask(hostWith(), 0)).toBe(true);
    expect(await ask(hostWith('done', 'paused', 'failed'), 0)).toBe(true);
    expect(asked).toEqual([]);
    expect(await ask(hostWith('running'), 0)).toBe(false);
    expect(await ask(hostWith('queued', 'done'), 1)).toBe(true);
    expect(asked).toHaveLength(2);
  });
});
