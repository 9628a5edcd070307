/** A small CT volume of ellipsoids, few views, as the sampler is given it. */
import type { DdsProblem } from '../../engine/dds/problem.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../engine/physics/ct/parallel-beam.ts';

export interface VolumeScene {
  problem: DdsProblem;
  /** [slices, y, x] */
  truth: Float32Array;
}

/** Two ellipsoids of value 0.8 and 0.4 added, the inner one off centre; smooth from slice to slice. */
function ellipsoids(slices: number, size: number): Float32Array {
  const volume = new Float32Array(slices * size * size);
  const middle = (size - 1) / 2;
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const [u, v, w] = [(x - middle) / size, (y - middle) / size, (z - (slices - 1) / 2) / slices];
        const outer = (u / 0.42) ** 2 + (v / 0.36) ** 2 + (w / 0.8) ** 2 < 1 ? 0.4 : 0;
        const inner = ((u - 0.1) / 0.15) ** 2 + ((v + 0.05) / 0.1) ** 2 + (w / 0.4) ** 2 < 1 ? 0.4 : 0;
        volume[(z * size + y) * size + x] = outer + inner;
      }
  return volume;
}

export function ctVolumeScene(slices: number, size: number, views: number): VolumeScene {
  const truth = ellipsoids(slices, size);
  const options = { size, anglesDeg: uniformAngles(views) };
  const operator = parallelBeam(options);
  const pixels = size * size;
  return {
    truth,
    problem: {
      slices: Array.from({ length: slices }, (_, z) => ({
        operator,
        measurement: operator.apply(truth.subarray(z * pixels, (z + 1) * pixels)),
      })),
      height: size,
      width: size,
      complex: false,
      volumeOperator: parallelBeam({ ...options, slices }),
      slabOperator: (_first, count) => parallelBeam({ ...options, slices: count }),
    },
  };
}
