import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askAll, canAsk } from '../../main/cli/ask.ts';

function streams(): { input: PassThrough; output: PassThrough; said: () => string } {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: string[] = [];
  output.on('data', (chunk) => chunks.push(String(chunk)));
  return { input, output, said: () => chunks.join('') };
}

describe('askAll', () => {
  test('asks one after the other and trims the answers', async () => {
    const { input, output, said } = streams();
    input.write('MIT \n\n');
    expect(await askAll(['Licence? ', 'Source? '], input, output)).toEqual(['MIT', '']);
    expect(said()).toBe('Licence? Source? ');
  });

  test('takes what was not reached as empty when the input ends', async () => {
    const { input, output } = streams();
    const answers = askAll(['a? ', 'b? ', 'c? '], input, output);
    input.end('one\n');
    expect(await answers).toEqual(['one', '', '']);
  });

  test('nobody is asked where no terminal is, or where only the result was wanted', () => {
    expect(canAsk({ json: true, quiet: false })).toBe(false);
    expect(canAsk({ json: false, quiet: false })).toBe(process.stdin.isTTY === true && process.stderr.isTTY === true);
  });
});
