/** The errors of the module's specification; messages begin with its own codes. */
import { EngineError, type ErrorCode } from '../../errors.ts';

const codes = {
  E_SHAPE: 'mismatch',
  E_EMPTY_SURFACE: 'bad-input',
  E_INPUT_VALUE: 'bad-input',
  E_INPUT_MISSING: 'bad-usage',
  E_PARAM: 'bad-usage',
  E_PARAM_CONFLICT: 'bad-usage',
  E_TOO_LARGE: 'resource',
  E_TOO_FEW_POINTS: 'bad-input',
} as const satisfies Record<string, ErrorCode>;

export function flexicubesError(code: keyof typeof codes, message: string, path?: string, hint?: string): EngineError {
  return new EngineError(codes[code], `${code}: ${message}`, {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}
