/** How an engine process is started. Node forks; Electron, where forking is off, brings a way of its own. */
import { fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compileCacheFolder } from '../compile-cache.ts';

export interface ProcessEnd {
  code: number | null;
  signal: string | null;
  error?: Error;
}

export interface EngineProcess {
  /** Undefined before it runs. */
  readonly pid: number | undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Nothing happens once the process has gone. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (end: ProcessEnd) => void): void;
  /** Asks it to leave. */
  disconnect(): void;
  kill(): void;
}

export type SpawnEngine = () => EngineProcess;

/**
 * glibc hands large blocks back to the system after every layer of a network and faults them in again; keeping them
 * makes native convolutions several times faster. Harmless elsewhere, so set on Linux only by what it is for.
 */
const allocatorEnvironment: Readonly<Record<string, string>> =
  process.platform === 'linux'
    ? { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '4000000000', MALLOC_TOP_PAD_: '268435456' }
    : {};

export const enginePath = fileURLToPath(new URL('./engine-process.ts', import.meta.url));

export function engineEnvironment(): Record<string, string | undefined> {
  return { NODE_COMPILE_CACHE: compileCacheFolder(), ...allocatorEnvironment, ...process.env, NODE_OPTIONS: '' };
}

const forkEngine: SpawnEngine = () => {
  const child = fork(enginePath, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: engineEnvironment(),
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    send: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      child.on('error', (error) => listener({ code: null, signal: null, error }));
      // Not 'close': after disconnect() it may never come.
      child.on('exit', (code, signal) => listener({ code, signal }));
    },
    disconnect: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

let current: SpawnEngine = forkEngine;

export const spawnEngine: SpawnEngine = () => current();

/** For the start of a program in which forking does not work; holds for all jobs from then on. */
export function startEnginesWith(spawn: SpawnEngine): void {
  current = spawn;
}
