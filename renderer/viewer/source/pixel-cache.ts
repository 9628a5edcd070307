/** Pixels as they come from the host, by URL; least recently used first out. The float values here are the exact ones. */
import { host } from '../../app/session.ts';

const limitBytes = 512 * 2 ** 20;
const parallel = 4;

const kept = new Map<string, ArrayBuffer>();
const pending = new Map<string, Promise<ArrayBuffer>>();
let bytes = 0;

function keep(url: string, buffer: ArrayBuffer): void {
  const old = kept.get(url);
  if (old !== undefined) bytes -= old.byteLength;
  kept.delete(url);
  kept.set(url, buffer);
  bytes += buffer.byteLength;
  for (const [oldest, value] of kept) {
    if (bytes <= limitBytes || oldest === url) break;
    kept.delete(oldest);
    bytes -= value.byteLength;
  }
}

/** At once, or undefined. Counts as a use. */
export function peekBytes(url: string): ArrayBuffer | undefined {
  const buffer = kept.get(url);
  if (buffer === undefined) return undefined;
  kept.delete(url);
  kept.set(url, buffer);
  return buffer;
}

/** Rejects with HostError. */
export function loadBytes(url: string): Promise<ArrayBuffer> {
  const ready = peekBytes(url);
  if (ready !== undefined) return Promise.resolve(ready);
  const running = pending.get(url);
  if (running !== undefined) return running;
  const started = host()
    .data(url)
    .then((buffer) => {
      keep(url, buffer);
      return buffer;
    })
    .finally(() => pending.delete(url));
  pending.set(url, started);
  return started;
}

/** Owner → what it will want next, nearest first. */
const wanted = new Map<object, string[]>();
let fetching = 0;

function next(): void {
  while (fetching < parallel) {
    let url: string | undefined;
    for (const list of wanted.values()) {
      while (list.length > 0 && url === undefined) {
        const candidate = list.shift();
        if (candidate !== undefined && !kept.has(candidate) && !pending.has(candidate)) url = candidate;
      }
      if (url !== undefined) break;
    }
    if (url === undefined) return;
    fetching++;
    // A neighbour that cannot be read says so when it is shown.
    loadBytes(url)
      .catch(() => undefined)
      .finally(() => {
        fetching--;
        next();
      });
  }
}

/** Replaces what `owner` asked for before. */
export function prefetchBytes(owner: object, urls: readonly string[]): void {
  wanted.set(owner, [...urls]);
  next();
}

export function forgetPrefetch(owner: object): void {
  wanted.delete(owner);
}

export const cacheState = () => ({ bytes, count: kept.size });
