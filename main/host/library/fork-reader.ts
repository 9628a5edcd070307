/** Starts the reader process. The one place that knows how; a shell with process types of its own brings another. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compileCacheFolder } from '../../compile-cache.ts';

/** A process that takes and gives messages. */
export interface ReaderProcess {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, with the reason in words. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

export type ForkReader = () => ReaderProcess;

export const forkReader: ForkReader = () => {
  const child = fork(fileURLToPath(new URL('./reader-process.ts', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { NODE_COMPILE_CACHE: compileCacheFolder(), ...process.env, NODE_OPTIONS: '' },
  });
  return {
    send: (message) => {
      // The failure of a send to a dying process is told by its exit.
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      let told = false;
      const tell = (how: string) => {
        if (!told) listener(how);
        told = true;
      };
      child.on('exit', (code, signal) => tell(signal === null ? `exit code ${code}` : `signal ${signal}`));
      child.on('error', (error) => tell(error.message));
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};
