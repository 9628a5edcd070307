/** Engine and reader processes as Electron's utility processes: forking Node is off in the packaged program. */
import { Readable } from 'node:stream';
import type { ForkOptions, UtilityProcess } from 'electron';
import type { ForkReader } from '../host/library/fork-reader.ts';
import { engineEnvironment, enginePath, type ProcessEnd, type SpawnEngine } from '../host/spawn-engine.ts';

export interface UtilityProcessModule {
  fork(modulePath: string, args?: string[], options?: ForkOptions): UtilityProcess;
}

function follow(child: UtilityProcess) {
  let pid = child.pid;
  let ended = false;
  child.once('spawn', () => {
    pid = child.pid;
  });
  const onExit = (listener: (end: ProcessEnd) => void) => {
    child.once('exit', (code) => {
      ended = true;
      listener({ code, signal: null });
    });
  };
  return {
    pid: () => pid ?? child.pid,
    send: (message: unknown) => {
      if (!ended) child.postMessage(message);
    },
    onMessage: (listener: (message: unknown) => void) => void child.on('message', listener),
    onExit,
    kill: () => {
      const known = pid ?? child.pid;
      // kill() asks; a process in the middle of a computation does not hear.
      if (ended || known === undefined) return void child.kill();
      try {
        process.kill(known, 'SIGKILL');
      } catch {
        child.kill();
      }
    },
    leave: () => void child.kill(),
  };
}

/** A stream of Node, whatever the other side gave. */
const readable = (stream: NodeJS.ReadableStream | null): Readable | null =>
  stream === null || stream instanceof Readable ? stream : new Readable().wrap(stream);

export function utilityEngine(utilityProcess: UtilityProcessModule): SpawnEngine {
  return () => {
    const child = utilityProcess.fork(enginePath, [], {
      serviceName: 'Tangent engine',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: engineEnvironment(),
    });
    const { pid, send, onMessage, onExit, kill, leave } = follow(child);
    return {
      get pid() {
        return pid();
      },
      stdout: readable(child.stdout),
      stderr: readable(child.stderr),
      ...{ send, onMessage, onExit, kill, disconnect: leave },
    };
  };
}

export function utilityReader(utilityProcess: UtilityProcessModule, readerPath: string): ForkReader {
  return () => {
    const child = utilityProcess.fork(readerPath, [], {
      serviceName: 'Tangent reader',
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const { send, onMessage, onExit, kill } = follow(child);
    return { send, onMessage, onExit: (listener) => onExit(({ code }) => listener(`exit code ${code}`)), kill };
  };
}
