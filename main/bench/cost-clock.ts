/** Time by the wall and by the processor: a busy machine stretches only the first. */
import type { Prior } from '../../engine/prior/prior.ts';

export interface Time {
  wall: number;
  cpu: number;
}

export const noTime: Time = { wall: 0, cpu: 0 };

/** Starts a clock; calling it gives the seconds since. CPU seconds are those of all threads of this process. */
export function startClock(): () => Time {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  return () => {
    const used = process.cpuUsage(cpu);
    return { wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 };
  };
}

export function addTimes(...times: readonly Time[]): Time {
  return times.reduce((a, b) => ({ wall: a.wall + b.wall, cpu: a.cpu + b.cpu }), noTime);
}

export function subtractTime(a: Time, b: Time): Time {
  return { wall: a.wall - b.wall, cpu: a.cpu - b.cpu };
}

export interface TimedPrior {
  prior: Prior;
  /** Inside the network, and from the call to its start of the first evaluation. */
  readonly spent: { network: Time; beforeFirst: Time; evaluations: number };
}

/** The prior with its evaluations timed; `clock` runs since the sampler was called. */
export function timePrior(prior: Prior, clock: () => Time): TimedPrior {
  const spent: TimedPrior['spent'] = { network: noTime, beforeFirst: noTime, evaluations: 0 };
  return {
    spent,
    prior: {
      ...prior,
      predictNoise: async (x, shape, level, signal) => {
        if (spent.evaluations === 0) spent.beforeFirst = clock();
        const since = startClock();
        const prediction = await prior.predictNoise(x, shape, level, signal);
        spent.network = addTimes(spent.network, since());
        spent.evaluations += shape.batch;
        return prediction;
      },
    },
  };
}
