/** Questions to the person at the terminal, on standard error, so that standard output stays the result's. */
import { createInterface } from 'node:readline/promises';
import { EngineError } from '../../engine/errors.ts';

/** Whether somebody is there to answer. */
export function canAsk(terminal: { json: boolean; quiet: boolean }): boolean {
  return !terminal.json && !terminal.quiet && process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * The answers, trimmed, one line each; empty for those not reached when the input ends (Ctrl-D). Ctrl-C throws
 * `cancelled`.
 */
export async function askAll(
  questions: readonly string[],
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string[]> {
  const reader = createInterface({ input, output });
  const abort = new AbortController();
  let ended = false;
  let interrupted = false;
  reader.once('SIGINT', () => {
    interrupted = true;
    abort.abort();
  });
  reader.once('close', () => {
    ended = true;
    abort.abort();
  });
  const answers: string[] = [];
  try {
    for (const question of questions) {
      const answer = ended ? '' : await reader.question(question, { signal: abort.signal });
      answers.push(answer.trim());
    }
    return answers;
  } catch (thrown) {
    if (interrupted) throw new EngineError('cancelled', 'cancelled', { hint: 'Nothing was written.' });
    if (!ended) throw thrown;
    return questions.map((_, i) => answers[i] ?? '');
  } finally {
    reader.close();
  }
}
