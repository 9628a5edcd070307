/** Questions to the person at the terminal, on standard error, so that standard output stays the result's. */
import { createInterface } from 'node:readline';
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
  let interrupted = false;
  reader.once('SIGINT', () => {
    interrupted = true;
    reader.close();
  });
  let closed = false;
  reader.once('close', () => {
    closed = true;
  });
  // The iterator keeps lines that arrive before they are asked for, as pasted ones do.
  const lines = reader[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      if (closed) output.write(question);
      else {
        reader.setPrompt(question);
        reader.prompt();
      }
      const line = await lines.next();
      if (interrupted) throw new EngineError('cancelled', 'cancelled', { hint: 'Nothing was written.' });
      if (line.done === true) break;
      answers.push(line.value.trim());
    }
    return questions.map((_, i) => answers[i] ?? '');
  } finally {
    reader.close();
  }
}
