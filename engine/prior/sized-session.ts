/** A network whose sessions are made for one image size each, on first use. */
import type { NetworkSession } from './session.ts';

/** Sizes kept open at once: a run works on one, and a volume's slices rarely on more. */
const most = 2;

/** `open` makes the session of a size; `close` releases what it draws from. */
export function sizedSession(
  open: (height: number, width: number) => Promise<NetworkSession>,
  close: () => Promise<void>,
): NetworkSession {
  /** In the order of use, last used last. */
  const sessions = new Map<string, Promise<NetworkSession>>();

  async function ofSize(height: number, width: number): Promise<NetworkSession> {
    const key = `${height}x${width}`;
    const session = sessions.get(key) ?? open(height, width);
    sessions.delete(key);
    sessions.set(key, session);
    // A failure is told to whoever waits for it and tried again the next time.
    session.catch(() => {
      if (sessions.get(key) === session) sessions.delete(key);
    });
    if (sessions.size > most) {
      const [[oldest, old]] = sessions;
      sessions.delete(oldest);
      await old.then(
        (unused) => unused.release(),
        () => undefined,
      );
    }
    return session;
  }

  return {
    async run(x, shape, t) {
      return (await ofSize(shape[2], shape[3])).run(x, shape, t);
    },
    async release() {
      const all = [...sessions.values()];
      sessions.clear();
      for (const session of await Promise.allSettled(all))
        if (session.status === 'fulfilled') await session.value.release();
      await close();
    },
  };
}
