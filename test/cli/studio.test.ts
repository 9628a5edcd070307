/** `tangent studio --browser` as a program: its link, its data folder, its end. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../browser/raw-request.ts';
import { signedIn } from '../browser/signed-in.ts';
import { builtPage } from '../browser/start-studio.ts';
import { startTangent } from './tangent-process.ts';

describe('tangent studio --browser', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tangent-studio-'));
    await builtPage();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Its standard output once it holds a whole line. */
  const firstLine = (running: ReturnType<typeof startTangent>) =>
    new Promise<string>((resolve, reject) => {
      let said = '';
      running.child.stdout?.on('data', (chunk: string) => {
        said += chunk;
        if (said.includes('\n')) resolve(said.split('\n')[0]);
      });
      void running.finished.then(({ stderr }) => reject(new Error(stderr)));
    });

  test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'serves until %s, then leaves nothing but its data folder',
    async (signal) => {
      const data = join(folder, signal);
      const running = startTangent(['studio', '--browser', '--json', '--no-open', '--data', data, '--root', folder]);
      const { link, origin, port } = JSON.parse(await firstLine(running)) as {
        link: string;
        origin: string;
        port: number;
      };
      expect(link.startsWith(`${origin}/#token=`)).toBe(true);
      const client = await signedIn({ link, origin, port, stop: async () => {} });
      expect(await client.call('app.describe', {})).toMatchObject({ ok: true, value: { host: 'browser' } });
      // Nobody else may look into the folder.
      expect((await stat(data)).mode & 0o777).toBe(0o700);
      running.child.kill(signal);
      const { code, signal: killed, stdout, stderr } = await running.finished;
      expect([code, killed]).toEqual([0, null]);
      expect(stdout.trim().split('\n')).toHaveLength(1);
      // The token is a secret: said once, in the link.
      expect(stderr).not.toContain(new URL(link).hash.slice(7));
      await expect(rawRequest({ port, path: '/', headers: { Host: `127.0.0.1:${port}` } })).rejects.toThrow(
        'ECONNREFUSED',
      );
    },
  );

  test('refuses what cannot be opened or served, naming it', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'x');
    const end = async (...words: string[]) =>
      startTangent(['studio', '--browser', '--no-open', '--data', join(folder, 'none'), ...words]).finished;
    for (const [words, said] of [
      [[join(folder, 'missing')], 'no such file or folder'],
      [['--root', file], 'expected a folder, found a file'],
      [['--port', '70000'], 'from 0 to 65535'],
      [['--host', '0.0.0.0'], 'without TLS'],
      [['--tls-cert', file], '--tls-cert and --tls-key go together'],
    ] as const) {
      const { code, stderr } = await end(...words);
      expect([words, code]).toEqual([words, 2]);
      expect(stderr).toContain(said);
    }
  });
});
