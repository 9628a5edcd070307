/** Help texts, at most 80 columns wide. */
import type { AnyCommand } from './command.ts';
import { optionMeta } from './parse-arguments.ts';

const width = 80;

/** Breaks at spaces; continuation lines are indented by `indent`. A word longer than the line stays whole. */
export function wrap(text: string, indent: number, firstIndent = indent): string {
  const lines: string[] = [];
  let line = ' '.repeat(firstIndent);
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines.join('\n');
}

function entry(label: string, description: string, column: number): string {
  const head = `  ${label}`;
  if (head.length + 2 > column) return `${head}\n${wrap(description, column)}`;
  return head.padEnd(column) + wrap(description, column, column).trimStart();
}

export function commandHelp(command: AnyCommand): string {
  const lines = [wrap(`Usage: tangent ${command.name} ${command.usage}`, 9, 0), '', wrap(command.description, 0), ''];
  if (command.positionals.length > 0) {
    lines.push('Arguments:');
    for (const positional of command.positionals) lines.push(entry(positional.name, positional.description, 22));
    lines.push('');
  }
  lines.push('Options:');
  for (const [name, meta] of optionMeta(command)) {
    const label = `--${name}${meta.value === undefined ? '' : ` ${meta.value}`}`;
    const standard = meta.standard === undefined ? '' : ` Default: ${meta.standard}.`;
    lines.push(entry(label, meta.description + standard, 26));
  }
  lines.push(entry('--help', 'Print this help.', 26));
  if (command.examples !== undefined) lines.push('', 'Examples:', ...command.examples.map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

export function overview(version: string, commands: Readonly<Record<string, { summary: string }>>): string {
  const lines = [
    `tangent ${version}: reconstructs undersampled MRI and CT with the Decomposed`,
    'Diffusion Sampler. Research use only, not for diagnostic use.',
    '',
    'Usage: tangent COMMAND [options]',
    '',
    'Commands:',
    ...Object.entries(commands).map(([name, { summary }]) => entry(name, summary, 16)),
    '',
    'tangent COMMAND --help explains one command. First steps: tangent demo.',
    'Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 some items failed,',
    '130 cancelled.',
  ];
  return `${lines.join('\n')}\n`;
}
