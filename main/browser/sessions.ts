/** Who may use the server: whoever knows the token of this start, and from then on holds a cookie. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Sessions {
  /** 256 random bits, base64url; printed once, in the fragment of the link. */
  readonly token: string;
  readonly cookieName: string;
  /** A new session's cookie, or undefined for another token. */
  exchange(token: string): string | undefined;
  /** The session a Cookie header names, kept alive by being asked for. */
  find(cookieHeader: string | undefined): string | undefined;
  /** An open socket keeps a session alive. */
  touch(id: string): boolean;
}

export interface SessionOptions {
  /** Cookies of one address are shared by all its ports, so the name holds the port. */
  port: number;
  idleMs: number;
  secure: boolean;
  now?(): number;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Equal lengths for the comparison, whatever was sent. */
const equal = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

const mostSessions = 64;

export function createSessions({ port, idleMs, secure, now = () => performance.now() }: SessionOptions): Sessions {
  const token = randomBytes(32).toString('base64url');
  const cookieName = `tangent-${port}`;
  /** By digest, so that looking one up takes the same time for every wrong cookie. */
  const lastUse = new Map<string, number>();

  const touch = (id: string): boolean => {
    const last = lastUse.get(id);
    if (last === undefined) return false;
    lastUse.delete(id);
    if (now() - last > idleMs) return false;
    lastUse.set(id, now());
    return true;
  };

  return {
    token,
    cookieName,
    exchange: (given) => {
      if (!equal(given, token)) return undefined;
      const value = randomBytes(32).toString('base64url');
      // The map is in order of use: the first has been idle longest.
      for (const id of lastUse.keys()) {
        if (lastUse.size < mostSessions) break;
        lastUse.delete(id);
      }
      lastUse.set(digest(value).toString('hex'), now());
      return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    },
    find: (header) => {
      for (const part of (header ?? '').split(';')) {
        const at = part.indexOf('=');
        if (part.slice(0, at).trim() !== cookieName) continue;
        const id = digest(part.slice(at + 1).trim()).toString('hex');
        if (touch(id)) return id;
      }
      return undefined;
    },
    touch,
  };
}
