/**
 * Electron at its boundary: channels that copy what crosses them as the real ones do, a page with its frames, the
 * preload's bridge. What runs on both sides of it is the product's own code.
 */
import { EventEmitter } from 'node:events';
import type { IpcMain, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron';
import { appOrigin, type Bridge } from '../../main/electron/channels.ts';

type Handler = (event: IpcMainInvokeEvent, ...words: unknown[]) => unknown;

export interface FakeFrame {
  origin: string;
  parent: FakeFrame | null;
}

export class FakePage {
  mainFrame: FakeFrame = { origin: appOrigin, parent: null };
  destroyed = false;
  readonly heard = new EventEmitter();
  isDestroyed = () => this.destroyed;
  send = (channel: string, data: unknown) => {
    this.heard.emit(channel, { sender: 'the event object' }, structuredClone(data));
  };
}

const handlers = new Map<string, Handler>();

export const ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'> = {
  handle: (channel, handler) => {
    if (handlers.has(channel)) throw new Error(`a second handler for ${channel}`);
    handlers.set(channel, handler as Handler);
  },
  removeHandler: (channel) => void handlers.delete(channel),
};

export const handled = (): string[] => [...handlers.keys()].sort();

/** As Electron: a channel without a handler rejects; arguments and answers are copies. */
export async function invoke(
  from: { page: FakePage; frame: FakeFrame | null },
  channel: string,
  ...words: unknown[]
): Promise<unknown> {
  const handler = handlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  const event = { sender: from.page as unknown as WebContents, senderFrame: from.frame as unknown as WebFrameMain };
  return structuredClone(await handler(event as IpcMainInvokeEvent, ...structuredClone(words)));
}

/** The page whose preload is loaded. */
export const shown = new FakePage();
/** What the preload put into the page. */
export const exposed = new Map<string, unknown>();

export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => void exposed.set(name, value),
};
export const ipcRenderer = {
  invoke: (channel: string, ...words: unknown[]) => invoke({ page: shown, frame: shown.mainFrame }, channel, ...words),
  on: (channel: string, listener: (...words: unknown[]) => void) => void shown.heard.on(channel, listener),
  off: (channel: string, listener: (...words: unknown[]) => void) => void shown.heard.off(channel, listener),
};
/** Dropped files carry their place here; Electron keeps it out of the page's sight. */
export const places = new WeakMap<object, string>();
export const webUtils = { getPathForFile: (file: object) => places.get(file) ?? '' };

export async function loadPreload(): Promise<Bridge> {
  await import('../../main/electron/preload.ts');
  return exposed.get('tangent') as Bridge;
}
