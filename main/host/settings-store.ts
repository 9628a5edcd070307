/** What the user has chosen, in settings.json. A damaged file is put aside and the defaults hold. */
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../engine/errors.ts';
import { writeFileAtomic } from '../../engine/io/atomic-file.ts';
import { type Settings, settings } from './api/settings.ts';
import type { Emit, SettingsStore } from './services.ts';

function readSettings(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return settings.parse({});
  }
  try {
    return settings.parse(JSON.parse(text));
  } catch {
    try {
      renameSync(file, `${file}.damaged`);
    } catch {
      // Where it cannot be moved it is replaced at the next change.
    }
    return settings.parse({});
  }
}

export function createSettingsStore({ folder, emit }: { folder: string; emit: Emit }): SettingsStore {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'settings.json');
  let current = readSettings(file);
  let writing: Promise<void> = Promise.resolve();
  return {
    read: () => structuredClone(current),
    /** Throws `bad-usage` naming the field; `resource` when it cannot be kept, and then nothing has changed. */
    write: (change) => {
      const next = writing.then(async () => {
        const stated = Object.entries(change).filter(([, value]) => value !== undefined);
        const parsed = settings.safeParse({ ...current, ...Object.fromEntries(stated) });
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          throw new EngineError('bad-usage', `settings: ${issue.message}`, { path: issue.path.join('.') });
        }
        await writeFileAtomic(file, `${JSON.stringify(parsed.data, null, 2)}\n`, { force: true });
        current = parsed.data;
        emit({ type: 'settings', settings: structuredClone(current) });
        return structuredClone(current);
      });
      // One that failed does not stop the next.
      writing = next.then(
        () => undefined,
        () => undefined,
      );
      return next;
    },
  };
}
