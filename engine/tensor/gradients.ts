/**
 * Registers TensorFlow.js's gradients. The package's Node bundle leaves them out; they are in its `dist/` folder as
 * modules whose imports name no file extension, which Node's loader refuses. For the time of that one import a resolver
 * completes the names. The gradients then run on the same engine: registries and engine are global to the process.
 */
import { registerHooks } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { registerEinsumGradient } from './einsum-gradient.ts';

let registering: Promise<void> | undefined;

/** After this, `tf.grad` and its relatives work. Calling again does nothing. Errors: `unsupported`. */
export function registerGradients(): Promise<void> {
  registering ??= register().catch((cause: unknown) => {
    registering = undefined;
    throw new EngineError('unsupported', 'the gradients of TensorFlow.js could not be loaded', {
      cause,
      hint: 'install the @tensorflow/tfjs-core version named in package.json: npm ci',
    });
  });
  return registering;
}

async function register(): Promise<void> {
  registerEinsumGradient();
  if (tf.getGradient('Sum') !== undefined) return;
  const inside = /[/\\]@tensorflow[/\\]tfjs-core[/\\]dist[/\\]/;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const own = specifier.startsWith('.') && inside.test(context.parentURL ?? '');
      return next(own && !specifier.endsWith('.js') ? `${specifier}.js` : specifier, context);
    },
    load: (url, context, next) => next(url, inside.test(url) ? { ...context, format: 'module' } : context),
  });
  try {
    await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  } finally {
    hooks.deregister();
  }
}
