/** Where a command writes: results on standard output, everything said to a person beside JSON on standard error. */

export interface Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Human text of the result: standard output, or nothing with --json. */
  print(text: string): void;
  /** The one JSON value of --json; nothing without it. */
  result(value: unknown): void;
  /** A remark on standard error, unless --quiet. */
  note(text: string): void;
}

export function openTerminal(mode: { json: boolean; quiet: boolean; verbose: boolean }): Terminal {
  return {
    ...mode,
    print: (text) => {
      if (!mode.json) process.stdout.write(`${text}\n`);
    },
    result: (value) => {
      if (mode.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (text) => {
      if (!mode.quiet) process.stderr.write(`${text}\n`);
    },
  };
}
