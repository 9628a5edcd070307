/** `NAME=VALUE` words of --set and --input. */
import { EngineError } from '../../engine/errors.ts';

/** Splits at the first "=". Throws `bad-usage` on a word without one, or a name given twice. */
export function namedWords(option: string, words: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at < 0 ? '' : word.slice(0, at).trim();
    const bad = (message: string) =>
      new EngineError('bad-usage', message, { path: `--${option}`, hint: `Write --${option} NAME=VALUE.` });
    if (name === '') throw bad(`expected NAME=VALUE, found "${word}"`);
    if (Object.hasOwn(result, name)) throw bad(`${name} is given twice`);
    result[name] = word.slice(at + 1);
  }
  return result;
}

/** A number, true, false or null where the text is one; the text itself otherwise. Commas make lists. */
export function looseValue(text: string): string | number | boolean | null | (string | number | boolean | null)[] {
  const one = (part: string): string | number | boolean | null => {
    const trimmed = part.trim();
    if (trimmed === 'true') return true;
    if (trimmed === 'false') return false;
    if (trimmed === 'null') return null;
    const value = Number(trimmed);
    return trimmed !== '' && Number.isFinite(value) ? value : part;
  };
  return text.includes(',') ? text.split(',').map(one) : one(text);
}
