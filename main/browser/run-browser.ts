/** The workstation in a browser, from its start to Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';
import { createHost } from '../host/create-host.ts';
import { ensurePage } from './ensure-page.ts';
import { openLink } from './open-link.ts';
import { startServer } from './start-server.ts';

export interface BrowserOptions {
  dataFolder: string;
  roots: readonly string[];
  /** Opened at the start. */
  paths: readonly string[];
  port: number;
  address?: string;
  tlsCert?: string;
  tlsKey?: string;
  open: boolean;
  note(text: string): void;
  /** Told the link once; it is a secret. */
  onReady(server: { link: string; origin: string; port: number }): void;
}

async function tlsOf({ tlsCert, tlsKey }: BrowserOptions) {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new EngineError('bad-usage', '--tls-cert and --tls-key go together', { path: '--tls-cert' });
  return { cert: await readFile(tlsCert), key: await readFile(tlsKey) };
}

/** Until SIGINT or SIGTERM; a second one ends the program at once. Returns the exit code. */
export async function runBrowser(options: BrowserOptions): Promise<number> {
  const tls = await tlsOf(options);
  const page = await ensurePage(options.note);
  const host = await createHost({ kind: 'browser', dataFolder: options.dataFolder, roots: options.roots });
  let asked: ((signal: NodeJS.Signals) => void) | undefined;
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    asked = resolve;
  });
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130);
    stopping = true;
    asked?.(signal);
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const { port, address } = options;
    const server = await startServer({ host, page, port, address, tls });
    if (options.paths.length > 0) host.services.library.open(options.paths);
    options.onReady({ link: server.link, origin: server.origin, port: server.port });
    if (address !== undefined && tls !== undefined)
      options.note('Others on the network can reach this address: whoever has the link sees what you open.');
    if (options.open && !openLink(server.link)) options.note('No display was found; open the link in a browser.');
    await ended;
    options.note('Stopping …');
    await server.stop();
  } finally {
    await host.dispose();
    for (const signal of signals) process.off(signal, onSignal);
  }
  return 0;
}
