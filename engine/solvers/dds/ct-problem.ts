/** From a parallel-beam sinogram to the sampler's problem. Data and operator carry √(π/(2V)) so that AᴴA is free of V. */
import { zeros } from '../../arrays/ndarray.ts';
import type { DdsProblem, DdsSlice } from '../../dds/problem.ts';
import { estimateSinogramNoise } from '../../dds/sinogram-noise.ts';
import { check } from '../../errors.ts';
import { fbp } from '../../physics/ct/fbp.ts';
import { uniformAngles } from '../../physics/ct/geometry.ts';
import type { ParallelBeam } from '../../physics/ct/parallel-beam.ts';
import { parallelBeam } from '../../physics/ct/parallel-beam.ts';
import type { Inputs } from '../sdk.ts';
import { arrayInput, asReal, withAxes } from './array-input.ts';

export interface CtScene {
  problem: DdsProblem;
  operator: ParallelBeam;
  detectors: number;
}

/** Throws `bad-input` or `mismatch` naming the input whose shape does not fit. */
export function ctProblem(inputs: Inputs, estimateSigma: boolean): CtScene {
  const sinogram = asReal(arrayInput(inputs, 'sinogram') ?? zeros('float32', []), 'sinogram');
  const [slices, views, detectors] = withAxes(sinogram, 3, 'sinogram', '[V, D] or [Z, V, D]');
  const angles = arrayInput(inputs, 'angles', 'sinogram');
  check(angles === undefined || angles.data.length === views, () => `there are ${angles?.data.length} angles`, {
    code: 'mismatch',
    path: 'angles',
    hint: `the sinogram has ${views} views`,
  });
  // The detector is the diagonal of the image: D = ⌈√2 n⌉.
  const size = Math.max(1, Math.floor(detectors / Math.SQRT2));
  const anglesDeg = angles === undefined ? uniformAngles(views) : Float64Array.from(angles.data);
  const settings = { size, anglesDeg, detectors };
  const operator = parallelBeam(settings);
  const plane = views * detectors;
  const problemSlices: DdsSlice[] = Array.from({ length: slices }, (_, z) => {
    const lineIntegrals = sinogram.data.slice(z * plane, (z + 1) * plane);
    return {
      operator,
      measurement: lineIntegrals.map((value) => value * operator.scaling),
      measured: plane,
      scaleReference: fbp(lineIntegrals, operator.geometry),
    };
  });
  const sigma = estimateSigma ? operator.scaling * estimateSinogramNoise(sinogram.data, detectors) : 0;
  return {
    problem: {
      slices: problemSlices,
      height: size,
      width: size,
      complex: false,
      ...(slices > 1 ? { volumeOperator: parallelBeam({ ...settings, slices }) } : {}),
      ...(sigma > 0 ? { sigmaY: sigma } : {}),
    },
    operator,
    detectors,
  };
}
