/** Builds a test page with Vite and serves it on loopback under the content policy of the product. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

export const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const thumbnail =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64"/><ellipse cx="32" cy="32" rx="20" ry="26" fill="#888"/><ellipse cx="32" cy="32" rx="14" ry="19" fill="#bbb"/></svg>';

/** A head-like phantom, float32 [256, 256], that changes with the slice. */
function phantom(slice: number): Buffer {
  const side = 256;
  const pixels = new Float32Array(side * side);
  const inside = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      let value = 0;
      if (inside(x, y, 128, 128, 88, 112)) value = 700;
      if (inside(x, y, 128, 128, 80, 104)) value = 300 + 40 * Math.sin(x / 9) * Math.cos(y / 11);
      if (inside(x, y, 106, 118, 12 + (slice % 8), 34) || inside(x, y, 150, 118, 12 + (slice % 8), 34)) value = 90;
      if (inside(x, y, 150, 180, 7, 7)) value = 620;
      pixels[y * side + x] = value;
    }
  return Buffer.from(pixels.buffer);
}

export interface ServedPage {
  url: string;
  close(): Promise<void>;
}

/**
 * `root` is a folder with an index.html. Data routes answer what `answer` has for the path, else thumbnails and pixels
 * of a phantom.
 */
export async function servePage(root: string, answer?: (path: string) => Buffer | undefined): Promise<ServedPage> {
  const out = await mkdtemp(join(tmpdir(), 'tangent-page-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'chrome140',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      minify: false,
    },
  });
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const headers = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };
    const own = answer?.(path);
    if (own !== undefined) {
      response.writeHead(200, { ...headers, 'content-type': 'application/octet-stream' }).end(own);
      return;
    }
    if (path.startsWith('/data/thumbnail/')) {
      response.writeHead(200, { ...headers, 'content-type': 'image/svg+xml' }).end(thumbnail);
      return;
    }
    const slice = /^\/data\/pixels\/[^/]+\/\d+\/[^/]+\/(\d+)$/.exec(path);
    if (slice !== null) {
      response
        .writeHead(200, { ...headers, 'content-type': 'application/octet-stream' })
        .end(phantom(Number(slice[1])));
      return;
    }
    readFile(join(out, path === '/' ? 'index.html' : path)).then(
      (bytes) =>
        response.writeHead(200, { ...headers, 'content-type': types[extname(path)] ?? types['.html'] }).end(bytes),
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(out, { recursive: true, force: true });
    },
  };
}
