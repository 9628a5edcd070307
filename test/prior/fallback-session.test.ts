import { describe, expect, it } from 'vitest';
import { EngineError, type ErrorCode } from '../../engine/errors.ts';
import { fallbackSession } from '../../engine/prior/fallback-session.ts';
import type { NetworkSession } from '../../engine/prior/session.ts';

/** Doubles its input; `fails(call, batch)` gives the error of a call, counted from 0. */
function doubling(name: string, events: string[], fails: (call: number, batch: number) => ErrorCode | undefined) {
  let calls = 0;
  const session: NetworkSession = {
    async run(x, shape) {
      events.push(`${name} ${shape[0]}`);
      const code = fails(calls++, shape[0]);
      if (code !== undefined) throw new EngineError(code, `${name} said ${code}`);
      return { data: x.map((v) => 2 * v), shape };
    },
    async release() {
      events.push(`${name} released`);
    },
  };
  return session;
}

function setUp(fails: (call: number, batch: number) => ErrorCode | undefined) {
  const events: string[] = [];
  const warnings: string[] = [];
  const session = fallbackSession(doubling('gpu', events, fails), {
    device: 'webgpu',
    onCpu: async () => doubling('cpu', events, () => undefined),
    warn: (message) => warnings.push(message),
  });
  const run = async (batch: number) => {
    const x = Float32Array.from({ length: batch * 4 }, (_, i) => i + 1);
    const { data, shape } = await session.run(x, [batch, 1, 2, 2], new Float32Array(batch));
    expect(data).toEqual(x.map((v) => 2 * v));
    expect(shape).toEqual([batch, 1, 2, 2]);
  };
  return { session, events, warnings, run };
}

describe('a session that falls back', () => {
  it('stays on the device while that works', async () => {
    const { session, events, warnings, run } = setUp(() => undefined);
    await run(3);
    await session.release();
    expect(events).toEqual(['gpu 3', 'gpu released']);
    expect(warnings).toEqual([]);
    expect(session.device()).toBe('webgpu');
  });

  it('computes a batch that does not fit one image at a time, and stays with that', async () => {
    const { session, events, warnings, run } = setUp((_, batch) => (batch > 1 ? 'resource' : undefined));
    await run(2);
    await run(2);
    expect(events).toEqual(['gpu 2', 'gpu 1', 'gpu 1', 'gpu 1', 'gpu 1']);
    expect(warnings).toEqual(['webgpu failed on 2 images at once (gpu said resource); going on with one at a time']);
    expect(session.device()).toBe('webgpu');
  });

  it('goes on on the processor when the device is lost, with the evaluation that failed done again', async () => {
    const { session, events, warnings, run } = setUp((call) => (call === 1 ? 'internal' : undefined));
    await run(1);
    await run(1);
    await run(1);
    await session.release();
    expect(events).toEqual(['gpu 1', 'gpu 1', 'gpu released', 'cpu 1', 'cpu 1', 'cpu released']);
    expect(warnings).toEqual(['webgpu failed (gpu said internal); going on on the processor']);
    expect(session.device()).toBe('webgpu, then cpu');
  });

  it('goes to the processor when not even one image fits, and says that nothing ran on the device', async () => {
    const { session, events, run } = setUp(() => 'resource');
    await run(2);
    expect(events).toEqual(['gpu 2', 'gpu 1', 'gpu released', 'cpu 2']);
    expect(session.device()).toBe('cpu');
  });

  it('steps down once for evaluations that fail together', async () => {
    const { events, warnings, run } = setUp(() => 'internal');
    await Promise.all([run(1), run(1)]);
    expect(events.filter((event) => event === 'gpu released')).toEqual(['gpu released']);
    expect(warnings.length).toBe(1);
  });

  it('passes on errors that are not the device’s', async () => {
    const { events, run } = setUp(() => 'cancelled');
    await expect(run(1)).rejects.toMatchObject({ code: 'cancelled' });
    expect(events).toEqual(['gpu 1']);
  });
});
