/**
 * A network on a graphics device that may fail in the middle of a run: the device is lost when its driver restarts or
 * another program takes it, and its memory is shared with everything on the screen. The evaluation that failed is done
 * again, so a run loses no work: of a batch one image at a time first, and if that fails too, on the CPU. What failed is
 * not tried again.
 */
import { EngineError } from '../errors.ts';
import { type NetworkSession, oneByOne } from './session.ts';

export interface FallbackOptions {
  /** What the given session runs on, for messages and the record. */
  device: string;
  /** Opens the same network on the CPU. */
  onCpu(): Promise<NetworkSession>;
  warn(message: string): void;
}

/** `device()` tells where evaluations were done so far: "webgpu", or "webgpu, then cpu" once it fell back. */
export function fallbackSession(
  session: NetworkSession,
  { device, onCpu, warn }: FallbackOptions,
): NetworkSession & { device(): string } {
  let current: Promise<NetworkSession> = Promise.resolve(session);
  let stage: 'whole' | 'single' | 'cpu' = 'whole';
  /** Whether an evaluation came out of the device before it failed. */
  let worked = false;

  function stepDown(failure: EngineError, batch: number): void {
    // A batch that is too large is reported in many words, so whatever failed is tried in single images first.
    if (stage === 'whole' && batch > 1) {
      stage = 'single';
      current = Promise.resolve(oneByOne(session));
      warn(`${device} failed on ${batch} images at once (${failure.message}); going on with one at a time`);
      return;
    }
    stage = 'cpu';
    warn(`${device} failed (${failure.message}); going on on the processor`);
    // A device that is gone may fail to give its memory back too: nothing is left to be done about that.
    current = session.release().then(onCpu, onCpu);
  }

  return {
    device: () => (stage !== 'cpu' ? device : worked ? `${device}, then cpu` : 'cpu'),
    async run(x, shape, t) {
      for (;;) {
        const tried = stage;
        try {
          const result = await (await current).run(x, shape, t);
          worked ||= tried !== 'cpu';
          return result;
        } catch (thrown) {
          const failed = thrown instanceof EngineError && (thrown.code === 'resource' || thrown.code === 'internal');
          if (!failed || tried === 'cpu') throw thrown;
          // An evaluation beside this one may have stepped down already.
          if (stage === tried) stepDown(thrown, shape[0]);
        }
      }
    },
    async release() {
      await (await current).release();
    },
  };
}
