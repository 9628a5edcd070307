/** The prior a run asks for: a network by name or folder, or the analytic Gaussian by mean and spectrum. */
import type { NdArray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import { check, EngineError } from '../../errors.ts';
import { gaussianPrior } from '../../prior/gaussian.ts';
import type { Prior } from '../../prior/prior.ts';
import { loadPrior } from '../../prior/registry.ts';
import type { Inputs } from '../sdk.ts';
import { arrayInput } from './array-input.ts';

export interface GaussianSettings {
  mean: number | undefined;
  spectrum: number | undefined;
}

/** Throws `bad-usage` when no prior is named, or two. The caller disposes of the prior. */
export async function priorInput(
  inputs: Inputs,
  settings: GaussianSettings,
  channels: 1 | 2,
  context: RunContext,
): Promise<Prior> {
  const model = inputs.model;
  const mean = arrayInput(inputs, 'prior_mean') ?? settings.mean;
  const spectrum = arrayInput(inputs, 'prior_spectrum') ?? settings.spectrum;
  check(
    model === undefined || (mean === undefined && spectrum === undefined),
    () => 'model and prior_mean or prior_spectrum exclude each other',
    {
      code: 'bad-usage',
      path: 'model',
    },
  );
  if (model?.type === 'model') {
    if (model.source === undefined)
      throw new EngineError('unsupported', 'the model input must name a prior', { path: 'model' });
    check(!/\.(onnx|pt|pth|safetensors)$/i.test(model.source), () => 'the model is a weight file, expected a prior', {
      code: 'unsupported',
      path: 'model',
      hint: 'import it first: tangent priors import FILE --out DIR',
    });
    return loadPrior(model.source, {
      device: context.device,
      threads: context.threads,
      warn: (message) => context.log('warn', message),
    });
  }
  check(spectrum !== undefined, () => 'there is no prior', {
    code: 'bad-usage',
    path: 'model',
    hint: 'give a model, or prior_spectrum (with prior_mean) for the analytic Gaussian prior',
  });
  return gaussianPrior({
    channels,
    ...(mean === undefined ? {} : { mean: squeezeImage(mean) }),
    spectrum: squeezeImage(spectrum),
  });
}

/** A scalar array counts as the number in it. */
function squeezeImage(value: number | NdArray): number | NdArray {
  if (typeof value === 'number' || value.data.length !== 1) return value;
  return value.data[0];
}
