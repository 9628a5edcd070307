/** Properties are tried on the same values every time; TANGENT_SEED tries others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.TANGENT_SEED ?? 20261124) });
