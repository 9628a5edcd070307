/** What a benchmark in main/bench/ exports and is given. */

export interface BenchContext {
  signal: AbortSignal;
  seed: number;
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  threads: number;
  json: boolean;
  /** Tables for a person; silent with --json. */
  print(text: string): void;
  /** Remarks while running, on standard error. */
  note(text: string): void;
}

export interface BenchModule {
  summary?: string;
  /** Returns what --json prints. `args`: the words behind NAME, options as `--name=value`, `--name`, or `--name value`. */
  run(args: readonly string[], context: BenchContext): Promise<unknown>;
}
