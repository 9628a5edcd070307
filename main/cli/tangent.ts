#!/usr/bin/env node
/** Entry of the command line. Loads nothing but the command that is asked for. */
import { enableCompileCache } from 'node:module';
import { compileCacheFolder } from '../compile-cache.ts';
import { programVersion } from '../program-version.ts';
import { commandTable } from './command-table.ts';

/** Words that decide how errors are shown even when the arguments do not parse. */
function modeOf(words: readonly string[]): { json: boolean; quiet: boolean; verbose: boolean } {
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  const has = (word: string) => before.includes(word);
  return { json: has('--json'), quiet: has('--quiet'), verbose: has('--verbose') };
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${programVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest[0] === undefined)) {
    const { overview } = await import('./help.ts');
    (name === undefined ? process.stderr : process.stdout).write(overview(programVersion(), commandTable));
    return name === undefined ? 2 : 0;
  }
  const wanted = name === 'help' ? rest[0] : name;
  if (!Object.hasOwn(commandTable, wanted)) {
    const { EngineError } = await import('../../engine/errors.ts');
    const { suggestion } = await import('./nearest.ts');
    const hint = `${suggestion(wanted, Object.keys(commandTable))} See tangent --help.`.trim();
    throw new EngineError('bad-usage', `unknown command "${wanted}"`, { path: 'command line', hint });
  }
  const command = await commandTable[wanted].load();
  if (name === 'help' || rest.includes('--help') || rest.includes('-h')) {
    const { commandHelp } = await import('./help.ts');
    process.stdout.write(commandHelp(command.actions?.get(name === 'help' ? rest[1] : rest[0]) ?? command));
    return 0;
  }
  const { parseArguments } = await import('./parse-arguments.ts');
  const { openTerminal } = await import('./terminal.ts');
  return command.run(parseArguments(command, rest), openTerminal(modeOf(rest)));
}

// A reader that closes early (`tangent … | head`) is not an error.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
});

enableCompileCache(compileCacheFolder());

// Until a job installs its own handler, and between jobs, there is nothing to clean up.
process.on('SIGINT', () => {
  if (process.listenerCount('SIGINT') === 1) process.exit(130);
});

const words = process.argv.slice(2);
try {
  process.exitCode = await main(words);
} catch (thrown) {
  const { failure } = await import('./failure.ts');
  const mode = modeOf(words);
  const failed = failure(thrown);
  process.stderr.write(`${failed.line}\n`);
  if (mode.verbose) process.stderr.write(`${failed.stack}\n`);
  if (mode.json) process.stdout.write(`${JSON.stringify(failed.json)}\n`);
  process.exitCode = failed.exitCode;
}
