/** Files of the built page, found inside its folder and nowhere else. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface PageFile {
  bytes: Buffer;
  contentType: string;
  /** Its name changes with its content. */
  hashed: boolean;
}

/** `path` as in a URL, still encoded. Undefined for what is not there, outside, hidden, or of a type unknown here. */
export async function pageFile(root: string, path: string): Promise<PageFile | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path === '/' ? '/index.html' : path);
  } catch {
    return undefined;
  }
  const parts = decoded.split('/').filter((part) => part !== '');
  if (parts.length === 0 || parts.some((part) => part.startsWith('.') || /[\\\0:]/.test(part))) return undefined;
  const contentType = types[extname(parts.at(-1) ?? '').toLowerCase()];
  if (contentType === undefined) return undefined;
  try {
    const top = await realpath(root);
    const full = await realpath(join(top, ...parts));
    if (!full.startsWith(top + sep)) return undefined;
    return { bytes: await readFile(full), contentType, hashed: parts[0] === 'assets' };
  } catch {
    return undefined;
  }
}
