/** Files handed over by a page, in a private folder that goes when the server stops. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../engine/errors.ts';
import type { FileAccess } from '../host/services.ts';

export interface Uploads {
  /**
   * Keeps one file. Files of one `batch` keep their places to one another, so that pairs and series stay together.
   * Answers with the file or, when it lies in a folder, with that folder, the same for all its files. Throws
   * `bad-usage`, `resource`.
   */
  receive(
    input: { name: string; batch: string; expectedBytes: number | undefined },
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ handle: string; name: string }>;
  dispose(): Promise<void>;
}

export interface UploadOptions {
  files: FileAccess;
  mostFileBytes?: number;
  mostFiles?: number;
}

const deepest = 32;
/** Kept free on the disk, bytes. */
const spare = 2 ** 29;

/** What a file system everywhere can hold, with the ending kept, since formats of two files need it. */
function safeName(part: string): string {
  const clean = part
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._ ()+=,@-]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '_');
  if (clean.length <= 100) return clean;
  const end = extname(clean).slice(0, 20);
  return clean.slice(0, 100 - end.length) + end;
}

/** Throws `bad-usage`. */
function safeParts(name: string): string[] {
  const parts = name.split(/[/\\]+/).filter((part) => part !== '');
  const bad = parts.length === 0 || parts.length > deepest || parts.some((part) => part === '.' || part === '..');
  if (bad || name.includes('\0'))
    throw new EngineError('bad-usage', 'the name of the file is not one', { path: 'name' });
  return parts.map(safeName);
}

export function createUploads({ files, mostFileBytes = 2 ** 35, mostFiles = 200_000 }: UploadOptions): Uploads {
  const folders = new Map<string, string>();
  let top: Promise<string> | undefined;
  let count = 0;
  let disposed = false;

  const folderOf = async (batch: string): Promise<string> => {
    if (disposed) throw new EngineError('cancelled', 'the server is stopping');
    // mkdtemp makes it for this user alone.
    top ??= mkdtemp(join(tmpdir(), 'tangent-upload-'));
    const root = await top;
    const known = folders.get(batch) ?? join(root, randomBytes(16).toString('hex'));
    folders.set(batch, known);
    return known;
  };

  return {
    receive: async ({ name, batch, expectedBytes }, body) => {
      const tooLarge = () =>
        new EngineError('resource', `the file is larger than ${mostFileBytes} bytes`, {
          hint: 'Start with --root and open it from there.',
        });
      const parts = safeParts(name);
      if (expectedBytes !== undefined && expectedBytes > mostFileBytes) throw tooLarge();
      if (++count > mostFiles) throw new EngineError('resource', `more than ${mostFiles} files were handed over`);
      const folder = await folderOf(batch);
      const wanted = join(folder, ...parts);
      await mkdir(dirname(wanted), { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(folder);
      if ((expectedBytes ?? 0) + spare > bavail * bsize)
        throw new EngineError('resource', 'the disk for handed-over files is full', { hint: 'Free some space.' });
      let bytes = 0;
      const bounded = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          bytes += chunk.length;
          if (bytes > mostFileBytes) done(tooLarge());
          else done(null, chunk);
        },
      });
      const write = async (path: string) => {
        const out = createWriteStream(path, { flags: 'wx', mode: 0o600 });
        // Opened first: the body can be read once only.
        await new Promise<void>((resolve, reject) => out.once('open', () => resolve()).once('error', reject));
        try {
          await pipeline(body, bounded, out);
        } catch (thrown) {
          await rm(path, { force: true });
          throw thrown;
        }
        return path;
      };
      const path = await write(wanted).catch((thrown) => {
        const taken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
        if (!taken) throw thrown;
        return write(join(dirname(wanted), `${randomBytes(4).toString('hex')}-${basename(wanted)}`));
      });
      const shown = parts.length > 1 ? join(folder, parts[0]) : path;
      return { handle: files.grant(shown), name: parts[0] };
    },
    dispose: async () => {
      disposed = true;
      if (top !== undefined) await rm(await top, { recursive: true, force: true });
    },
  };
}
