/** `tangent demo`: reconstructs a real scan with every method and shows what came out. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { command } from '../command.ts';
import { freeFolder } from '../free-folder.ts';
import { openFile } from '../open-file.ts';
import { commonOptions, deviceOptions, flag, real, seedOption, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { simulationDefaults, simulationOptions } from '../simulation-options.ts';
import { short, table } from '../table.ts';

export const demo = command({
  name: 'demo',
  usage: '[options]',
  description:
    'Reconstructs three slices of a real brain scan from simulated 8-coil, fourfold undersampled k-space with noise, by DDS and by zero-filling, CG-SENSE, l1-wavelet and total variation; prints a table, writes results and a report, and opens the report.',
  positionals: [],
  options: z.strictObject({
    scan: text().optional().meta({ value: 'FILE', description: 'A scan of your own instead of the bundled one.' }),
    out: text().optional().meta({ value: 'DIR', description: 'Folder to write.', standard: 'tangent-demo' }),
    'no-open': flag('Do not open the report.'),
    force: flag('Replace the folder of an earlier demo.'),
    ...simulationOptions,
    noise: real(0, 10)
      .default(simulationDefaults.noise)
      .meta({ value: 'X', description: 'Noise to add.', standard: String(simulationDefaults.noise) }),
    ...seedOption,
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent demo', 'tangent demo --scan scan.h5 --no-open'],
  run: async ({ options }, terminal) => {
    const { scan, force, seed, noise } = options;
    const out = options.out ?? (await freeFolder('tangent-demo'));
    const simulate = {
      coils: options.coils ?? simulationDefaults.coils,
      mask: options.mask ?? simulationDefaults.mask,
      accel: options.accel ?? simulationDefaults.accel,
      acs: options.acs ?? simulationDefaults.acs,
      noise,
    };
    const recorded = { seed, ...simulate, ...(scan === undefined ? {} : { scan: 'FILE' }) };
    const done = await runJobFor(
      terminal,
      'demo',
      { scan, out, force, seed, simulate, command: { name: 'demo', options: recorded } },
      { device: options.device, threads: options.threads, afterKill: removeTemporary(out) },
    );
    const rows = Object.entries(done.methods).map(([name, { metrics, seconds }]) => [
      name,
      metrics === null ? '–' : metrics.psnr === null ? 'infinite' : metrics.psnr.toFixed(2),
      metrics === null ? '–' : metrics.ssim.toFixed(4),
      metrics === null ? '–' : metrics.nmse.toFixed(5),
      short(seconds),
    ]);
    terminal.print(table(['method', 'PSNR dB', 'SSIM', 'NMSE', 'seconds'], rows));
    terminal.print(`\nReport: ${resolve(done.report)}\nResearch use only, not for diagnostic use.`);
    terminal.result(done);
    if (!options['no-open'] && !terminal.json) openFile(resolve(done.report));
    return 0;
  },
});
