/**
 * Calls of the page over Electron's channels. The one file that touches ipcMain: every handler knows its sender, parses
 * what it is given and bounds what it gives back.
 */
import { stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import { type CallAnswer, callAnswer } from '../host/api/api.ts';
import { toEngineError } from '../host/engine-error.ts';
import type { Host } from '../host/host.ts';
import { appOrigin, channels } from './channels.ts';

/** Larger things have data routes. */
const mostAnswerBytes = 2 ** 26;
const mostInputBytes = 2 ** 24;

const callName = z.string().max(64);
const paths = z.array(z.string().max(32_768)).max(100_000);

export interface IpcOptions {
  ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  host: Host;
  /** The window's page; undefined once it has been closed. */
  page(): WebContents | undefined;
}

function failed(thrown: unknown): CallAnswer {
  const { code, message, hint, path } = toEngineError(thrown);
  return { ok: false, error: { code, message, hint: hint ?? null, path: path ?? null } };
}

/** Throws `untrusted` unless the sender is the main frame of our window, showing our page. */
function checkSender(event: IpcMainInvokeEvent, page: WebContents | undefined): void {
  const frame = event.senderFrame;
  const ours = page !== undefined && event.sender === page && frame !== null && frame === page.mainFrame;
  if (!ours || frame.parent !== null || frame.origin !== appOrigin)
    throw new EngineError('untrusted', 'the call does not come from the page of this program');
}

function bounded(value: unknown, most: number, what: string): void {
  const bytes = JSON.stringify(value)?.length ?? 0;
  if (bytes > most) throw new EngineError('resource', `${what} of ${bytes} characters, at most ${most}`);
}

/** Returns the way to take the handlers off again. */
export function registerIpc({ ipcMain, host, page }: IpcOptions): () => void {
  const handle = (channel: string, answer: (words: unknown[]) => Promise<CallAnswer>) =>
    ipcMain.handle(channel, async (event: IpcMainInvokeEvent, ...words: unknown[]): Promise<CallAnswer> => {
      try {
        checkSender(event, page());
        const answered = callAnswer.parse(await answer(words));
        bounded(answered, mostAnswerBytes, 'an answer');
        return answered;
      } catch (thrown) {
        return failed(thrown);
      }
    });
  handle(channels.call, async ([name, input, ...more]) => {
    const parsed = callName.safeParse(name);
    if (!parsed.success || more.length > 0) throw new EngineError('bad-usage', 'expected a name and an input');
    bounded(input, mostInputBytes, 'an input');
    return host.call(parsed.data, input);
  });
  handle(channels.handOver, async ([given, ...more]) => {
    const parsed = paths.safeParse(given);
    if (!parsed.success || more.length > 0) throw new EngineError('bad-usage', 'expected paths');
    const chosen: { handle: string; name: string }[] = [];
    for (const path of parsed.data) {
      if (path === '' || !isAbsolute(path)) throw new EngineError('untrusted', 'a file without a place of its own');
      await stat(path);
      chosen.push({ handle: host.services.files.grant(path), name: basename(path) });
    }
    return { ok: true, value: chosen };
  });
  const stop = host.subscribe((event) => {
    const open = page();
    if (open !== undefined && !open.isDestroyed()) open.send(channels.event, event);
  });
  return () => {
    stop();
    for (const channel of [channels.call, channels.handOver]) ipcMain.removeHandler(channel);
  };
}
