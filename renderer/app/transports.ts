/** Picks the way to the host this page was served with. */
import { browserTransport } from './browser-transport.ts';
import { electronTransport } from './electron-transport.ts';
import type { Transport } from './host-client.ts';

export async function openTransport(): Promise<Transport> {
  return electronTransport() ?? browserTransport();
}
