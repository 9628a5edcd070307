import { describe, expect, it } from 'vitest';
import type { NetworkSession } from '../../engine/prior/session.ts';
import { sizedSession } from '../../engine/prior/sized-session.ts';

function recorder(failures = 0) {
  const events: string[] = [];
  let left = failures;
  const open = async (height: number, width: number): Promise<NetworkSession> => {
    const size = `${height}x${width}`;
    if (left-- > 0) throw new Error(`no session for ${size}`);
    events.push(`open ${size}`);
    return {
      run: async (x, shape) => ({ data: x, shape: [...shape, height] }),
      release: async () => {
        events.push(`release ${size}`);
      },
    };
  };
  const session = sizedSession(open, async () => {
    events.push('close');
  });
  const run = (height: number, width: number) =>
    session.run(new Float32Array(height * width), [1, 1, height, width], new Float32Array(1));
  return { events, session, run };
}

describe('a session by size', () => {
  it('opens one session per size and keeps the two used last', async () => {
    const { events, session, run } = recorder();
    expect((await run(8, 4)).shape).toEqual([1, 1, 8, 4, 8]);
    await run(8, 8);
    await run(8, 4);
    await run(16, 8);
    await run(8, 4);
    expect(events).toEqual(['open 8x4', 'open 8x8', 'open 16x8', 'release 8x8']);
    await session.release();
    expect(events.slice(4)).toEqual(['release 16x8', 'release 8x4', 'close']);
  });

  it('opens a size once for evaluations that start together', async () => {
    const { events, run } = recorder();
    await Promise.all([run(8, 8), run(8, 8)]);
    expect(events).toEqual(['open 8x8']);
  });

  it('tells of a failure and tries again the next time', async () => {
    const { events, session, run } = recorder(1);
    await expect(run(8, 8)).rejects.toThrow('no session for 8x8');
    await run(8, 8);
    expect(events).toEqual(['open 8x8']);
    await session.release();
    expect(events).toEqual(['open 8x8', 'release 8x8', 'close']);
  });
});
