/** What every way from a page to the host must keep: one suite, run over the browser's server and over Electron's channels. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CallInput,
  type CallName,
  type CallOutput,
  callAnswer,
  calls,
  type HostEvent,
  hostEvent,
} from '../../main/host/api/api.ts';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import { bundledSeries } from '../../main/host/bundled-series.ts';
import { contentPolicy } from '../../main/host/page-headers.ts';

export interface HostAdapter {
  kind: 'electron' | 'browser';
  /** A name the root was granted under. */
  root: string;
  call(name: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: unknown) => void): () => void;
  /** GET of a data route or of the page. */
  get(path: string): Promise<Response>;
  /** As if dropped on the page; names hold the path below what was dropped. */
  handOver(files: readonly { name: string; bytes: Uint8Array }[]): Promise<unknown>;
  close(): Promise<void>;
}

const patience = { timeout: 30_000 };

export function hostContract(title: string, open: () => Promise<HostAdapter>): void {
  describe(`the contract of a host: ${title}`, () => {
    let adapter: HostAdapter;
    let stop = () => {};
    const events: HostEvent[] = [];
    beforeAll(async () => {
      adapter = await open();
      stop = adapter.onEvent((event) => events.push(hostEvent.parse(event)));
    });
    afterAll(async () => {
      stop();
      await adapter?.close();
    });

    const failure = async (name: string, input: unknown) => {
      const answer = callAnswer.parse(await adapter.call(name, input));
      if (answer.ok) throw new Error(`${name} did not fail`);
      return answer.error;
    };
    const value = async <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> => {
      const answer = callAnswer.parse(await adapter.call(name, input));
      if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
      return calls[name].output.parse(answer.value) as CallOutput<N>;
    };
    const opened = async (handles: string[]) => {
      const { scan } = await value('library.open', { handles });
      const last = () =>
        events
          .flatMap((event) => (event.type === 'open' && event.progress.scan === scan ? [event.progress] : []))
          .at(-1);
      await expect.poll(() => last()?.state, patience).toBe('done');
      return last()?.items ?? [];
    };

    test('says what it is', async () => {
      const app = await value('app.describe', {});
      expect(app.host).toBe(adapter.kind);
      expect(app.notice).toBe('Research use only – not for diagnostic use');
      expect(app.roots.map(({ name }) => name)).toEqual([adapter.root]);
    });

    test('refuses calls it does not know and inputs of another shape, naming the field', async () => {
      expect((await failure('app.quit', {})).code).toBe('bad-usage');
      expect((await failure('toString', {})).code).toBe('bad-usage');
      expect((await failure('__proto__', {})).code).toBe('bad-usage');
      expect(await failure('settings.write', { theme: 'pink' })).toMatchObject({ code: 'bad-usage', path: 'theme' });
      expect((await failure('library.list', { search: '', more: 1 })).code).toBe('bad-usage');
      expect((await failure('library.list', null)).code).toBe('bad-usage');
    });

    test('keeps settings and tells of the change', async () => {
      const before = events.length;
      await value('settings.write', { cornerText: 'short' });
      expect((await value('settings.read', {})).cornerText).toBe('short');
      await expect
        .poll(() =>
          events.slice(before).some((event) => event.type === 'settings' && event.settings.cornerText === 'short'),
        )
        .toBe(true);
    });

    test('browses a root by handles, sorted, without hidden files and links that leave it', async () => {
      const [root] = (await value('app.describe', {})).roots;
      const { entries } = await value('files.browse', { handle: root.handle });
      // Folders first, then names with their numbers in order.
      expect(entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
        'folder inner',
        'file image2.npy',
        'file image10.npy',
        'file inside-link.npy',
      ]);
      const again = await value('files.browse', { handle: root.handle });
      expect(again.entries.map(({ handle }) => handle)).toEqual(entries.map(({ handle }) => handle));
      expect(JSON.stringify(entries)).not.toContain('/');
      expect((await failure('files.browse', { handle: `h${'0'.repeat(32)}` })).code).toBe('not-found');
      const file = entries.find(({ name }) => name === 'image2.npy');
      expect(await opened([file?.handle ?? ''])).toHaveLength(1);
    });

    test('opens a dropped folder as one series, and gives its pixels as the volume has them', async () => {
      const folder = bundledSeries('--scan');
      const names = (await readdir(folder)).filter((name) => name.endsWith('.dcm'));
      const files = await Promise.all(
        names.map(async (name) => ({
          name: `volume/${name}`,
          bytes: new Uint8Array(await readFile(join(folder, name))),
        })),
      );
      const answer = callAnswer.parse(await adapter.handOver(files));
      expect(answer.ok).toBe(true);
      const handed = answer.ok ? (answer.value as { handle: string }[]) : [];
      const ids = await opened([...new Set(handed.map(({ handle }) => handle))]);
      expect(ids).toHaveLength(1);
      const item = await value('library.describe', { id: ids[0] });
      expect([item.slices, item.rows, item.columns]).toEqual([20, 256, 256]);
      const whole = await adapter.get(dataRoutes.volume(item.id, item.revision, 'image'));
      const volume = await whole.arrayBuffer();
      expect(volume.byteLength).toBe(4 * 20 * 256 * 256);
      const slice = await adapter.get(dataRoutes.pixels(item.id, item.revision, 'image', 7));
      expect(slice.headers.get('cache-control')).toBe('no-store');
      const bytes = Buffer.from(await slice.arrayBuffer());
      expect(bytes.equals(Buffer.from(volume, 7 * 4 * 65_536, 4 * 65_536))).toBe(true);
      const thumbnail = await adapter.get(dataRoutes.thumbnail(item.id, item.revision));
      expect(thumbnail.headers.get('content-type')).toBe('image/png');
      const { file } = await value('library.tags', { id: item.id, slice: 0 });
      expect(file).not.toContain('/');
      await value('library.close', { id: item.id });
      expect((await failure('library.describe', { id: item.id })).code).toBe('not-found');
      expect((await adapter.get(dataRoutes.pixels(item.id, item.revision, 'image', 7))).status).toBe(404);
    });

    test('answers every address with the policy and the isolation headers, found or not', async () => {
      for (const [path, status] of [
        ['/', 200],
        ['/data/pixels/abcdefgh/0/image/0', 404],
        ['/data/nothing', 404],
        ['/nothing.js', 404],
        ['/../package.json', 404],
        ['/%2e%2e/%2e%2e/package.json', 404],
        ['/..%2f..%2fpackage.json', 404],
        ['/assets/..%5c..%5cpackage.json', 404],
        ['/data/file/abcdefgh/..%2f..%2fetc%2fpasswd', 404],
        ['/data/pixels/%zz', 400],
      ] as const) {
        const { status: found, headers } = await adapter.get(path);
        expect([path, found]).toEqual([path, status]);
        expect(headers.get('content-security-policy')).toBe(contentPolicy);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
        expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
        expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
        expect(headers.get('access-control-allow-origin')).toBe(null);
        if (path.startsWith('/data/')) expect(headers.get('cache-control')).toBe('no-store');
      }
    });

    test('runs a job from its start to its result, with events on the way', async () => {
      const [root] = (await value('app.describe', {})).roots;
      const { entries } = await value('files.browse', { handle: root.handle });
      const [id] = await opened([entries.find(({ name }) => name === 'image2.npy')?.handle ?? '']);
      const { id: job } = await value('jobs.start', { kind: 'export', item: id, format: 'npy' });
      const last = () =>
        events.flatMap((event) => (event.type === 'job' && event.job.id === job ? [event.job] : [])).at(-1);
      await expect.poll(() => last()?.state, patience).toBe('done');
      const [download] = last()?.downloads ?? [];
      const got = await adapter.get(dataRoutes.download(download.key));
      expect(got.status).toBe(200);
      expect(got.headers.get('content-disposition')).toMatch(/^attachment; filename/);
      expect((await got.arrayBuffer()).byteLength).toBe(download.bytes);
      await value('jobs.remove', { id: job });
      await expect.poll(() => events.some((event) => event.type === 'job-removed' && event.id === job)).toBe(true);
    });
  });
}
