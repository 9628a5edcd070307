/** Everything the rest of the program does with priors, in one place. */
export { describeWeights, type WeightDescription } from './describe-weights.ts';
export { evaluatePrior } from './evaluate-prior.ts';
export { type ExportOptions, exportPrior } from './export-prior.ts';
export { type ImportedPrior, type ImportOptions, importPrior } from './import-prior.ts';
export { type LoadOptions, loadPrior } from './load-prior.ts';
export { listPriors, loadManifest, type PriorEntry, priorRoots, userPriorFolder } from './prior-folder.ts';
export { readReferenceConfig } from './reference-config.ts';
