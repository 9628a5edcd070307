/** What the words of `tangent batch` mean: files and folders, patterns, and `-` for a list on standard input. */
import { glob, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { EngineError } from '../../../../engine/errors.ts';

const isPattern = (word: string) => /[*?[\]{}]/.test(word);

/** Throws `not-found` for a pattern that matches nothing, `bad-usage` for an empty list. */
export async function expandInputs(words: readonly string[], input: NodeJS.ReadableStream): Promise<string[]> {
  const paths: string[] = [];
  for (const word of words) {
    if (word === '-') {
      const lines = (await text(input)).split(/\r?\n/).map((line) => line.trim());
      const named = lines.filter((line) => line !== '');
      if (named.length === 0) throw new EngineError('bad-usage', 'standard input names no file', { path: '-' });
      paths.push(...named);
      continue;
    }
    // A file may have a name that looks like a pattern.
    const literal = !isPattern(word) || (await stat(word).catch(() => undefined)) !== undefined;
    if (literal) {
      paths.push(word);
      continue;
    }
    const matches: string[] = [];
    for await (const match of glob(word)) matches.push(match);
    if (matches.length === 0)
      throw new EngineError('not-found', 'nothing matches the pattern', { path: word, hint: 'Check the pattern.' });
    paths.push(...matches.sort());
  }
  return [...new Set(paths)];
}
