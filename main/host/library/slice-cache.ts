/** Least recently used values within a bound of bytes. A value larger than the bound is kept alone. */
export interface ByteCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V, bytes: number): void;
}

export function byteCache<V>(maxBytes: number): ByteCache<V> {
  const held = new Map<string, { value: V; bytes: number }>();
  let total = 0;
  return {
    get: (key) => {
      const found = held.get(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, found);
      return found.value;
    },
    set: (key, value, bytes) => {
      total -= held.get(key)?.bytes ?? 0;
      held.delete(key);
      held.set(key, { value, bytes });
      total += bytes;
      for (const [oldest, { bytes: freed }] of held) {
        if (total <= maxBytes || held.size === 1) break;
        held.delete(oldest);
        total -= freed;
      }
    },
  };
}
