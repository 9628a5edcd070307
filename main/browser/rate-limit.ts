/** A bucket of tokens that fills again at a steady pace. */

export interface RateLimit {
  /** Takes `count`; false when there are too few. */
  take(count?: number): boolean;
}

export function rateLimit(
  { burst, perSecond }: { burst: number; perSecond: number },
  now: () => number = () => performance.now(),
): RateLimit {
  let left = burst;
  let at = now();
  return {
    take: (count = 1) => {
      const time = now();
      left = Math.min(burst, left + ((time - at) / 1000) * perSecond);
      at = time;
      if (left < count) return false;
      left -= count;
      return true;
    },
  };
}
