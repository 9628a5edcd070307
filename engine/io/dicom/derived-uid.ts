/** Unique identifiers of derived objects: "2.25." + decimal of a name-based UUID (RFC 9562 version 5; PS3.5 §B.2). */
import { createHash } from 'node:crypto';

/** Name space of this program: a random UUID, fixed for good. */
const NAMESPACE = '54718885-ec48-4981-a062-346d0aec3e96';

/** The same parts always give the same UID, any other parts another one. At most 44 characters. */
export function derivedUid(...parts: (string | number)[]): string {
  // Lengths in front keep ("a", "bc") and ("ab", "c") apart.
  const name = parts.map((part) => `${String(part).length}:${part}`).join('');
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${hash.toString('hex', 0, 16)}`)}`;
}
