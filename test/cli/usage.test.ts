import { describe, expect, test } from 'vitest';
import { commandTable } from '../../main/cli/command-table.ts';
import { programVersion } from '../../main/program-version.ts';
import { jsonOf, tangent } from './tangent-process.ts';

describe('usage', () => {
  test('--version prints the version alone', async () => {
    const result = await tangent(['--version']);
    expect(result).toMatchObject({ code: 0, stdout: `${programVersion()}\n`, stderr: '' });
  });

  test('--help names every command and fits 80 columns', async () => {
    const { code, stdout } = await tangent(['--help']);
    expect(code).toBe(0);
    for (const name of Object.keys(commandTable)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each(Object.keys(commandTable))('%s --help fits 80 columns and names every option', async (name) => {
    const { code, stdout, stderr } = await tangent([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(`Usage: tangent ${name} `)).toBe(true);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const command = await commandTable[name].load();
    for (const option of Object.keys(command.options.shape)) expect(stdout).toContain(`--${option}`);
    for (const schema of Object.values(command.options.shape)) expect(schema.meta()?.description).toBeTruthy();
  });

  test('nothing to do is a usage error that shows the help', async () => {
    const { code, stdout, stderr } = await tangent([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: tangent COMMAND');
  });

  test.each([
    [['infoo', 'x'], 'tangent: unknown command "infoo" (command line). Did you mean info? See tangent --help.'],
    [['info', 'x', '--jsom'], 'tangent: unknown option --jsom (--jsom). Did you mean --json? See tangent info --help.'],
    [['info'], 'tangent: INPUT is missing (INPUT). Usage: tangent info INPUT [options]. See tangent info --help.'],
    [['info', 'a', 'b'], 'tangent: unexpected word "b" (info). See tangent info --help.'],
    [['info', 'a', '--json=yes'], 'tangent: takes no value, found "yes" (--json). See tangent info --help.'],
    [
      ['info', 'a', '-j'],
      'tangent: unknown option -j (-j). Known: --json, --quiet, --verbose. See tangent info --help.',
    ],
    [
      ['bench', 'x', '--threads', 'many'],
      'tangent: expected a whole number from 1 to 1024, found "many" (--threads). See tangent bench --help.',
    ],
    [['bench', '--threads'], 'tangent: expected a value N, found none (--threads). See tangent bench --help.'],
    [
      ['bench', '--threads', '--json'],
      'tangent: expected a value N, found none (--threads). See tangent bench --help.',
    ],
    [
      ['bench', '--device', 'gpu'],
      'tangent: expected auto, cpu, webgpu, cuda; found "gpu" (--device). See tangent bench --help.',
    ],
  ])('%j ends with 2 and one line', async (words, line) => {
    const { code, stdout, stderr } = await tangent(words);
    const json = words.includes('--json');
    expect({ code, stderr }).toEqual({ code: 2, stderr: `${line}\n` });
    expect(stdout === '').toBe(!json);
  });

  test('with --json the error is also one object on standard output', async () => {
    const result = await tangent(['info', 'x', '--nope', '--json']);
    expect(result.code).toBe(2);
    expect(jsonOf(result)).toEqual({
      error: {
        code: 'bad-usage',
        message: 'unknown option --nope',
        path: '--nope',
        hint: 'Known: --json, --quiet, --verbose. See tangent info --help.',
      },
    });
    expect(result.stderr.split('\n')).toHaveLength(2);
  });

  test('--verbose adds the stack, nothing else does', async () => {
    const quiet = await tangent(['info', '/does/not/exist']);
    expect(quiet.stderr).not.toMatch(/\n\s+at /);
    const verbose = await tangent(['info', '/does/not/exist', '--verbose']);
    expect(verbose.stderr).toMatch(/\n\s+at /);
  });

  test('a reader that closes early is no error', async () => {
    const { finished, child } = (await import('./tangent-process.ts')).startTangent(['doctor']);
    child.stdout?.destroy();
    expect((await finished).code).toBe(0);
  });
});
