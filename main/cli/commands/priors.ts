/** `tangent priors ACTION`: one file of main/cli/commands/priors/ per action. */
import { actionCommand } from '../action-command.ts';
import type { AnyCommand } from '../command.ts';
import { check } from './priors/check.ts';
import { evaluate } from './priors/eval.ts';
import { exportFile } from './priors/export.ts';
import { importFile } from './priors/import.ts';
import { info } from './priors/info.ts';
import { list } from './priors/list.ts';
import { show } from './priors/show.ts';
import { train } from './priors/train.ts';

export const priors = actionCommand('priors', [
  list,
  show,
  info,
  importFile,
  exportFile,
  evaluate,
  check,
  train,
] as AnyCommand[]);
