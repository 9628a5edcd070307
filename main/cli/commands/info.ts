/** `tangent info INPUT`: what a scan is. */
import { z } from 'zod';
import { command } from '../command.ts';
import { commonOptions } from '../option-types.ts';
import { runJobFor } from '../run-job.ts';
import { pairs, short } from '../table.ts';

export const info = command({
  name: 'info',
  usage: 'INPUT [options]',
  description:
    'Shows what a scan is: format, modality, matrix, slices, coils, mask and acceleration, orientation, spacing. ' +
    'The format is recognised by content, not by name.',
  positionals: [
    {
      name: 'INPUT',
      description: 'fastMRI or ISMRMRD .h5, BART .cfl, .npz, .npy, DICOM file or folder, NIfTI.',
      required: true,
    },
  ],
  options: z.strictObject(commonOptions),
  examples: ['tangent info scan.h5', 'tangent info series/ --json'],
  run: async ({ positionals }, terminal) => {
    const scan = await runJobFor(terminal, 'info', { input: positionals[0] });
    const rows: [string, string][] = [
      ['format', scan.format],
      ['holds', { kspace: 'k-space', sinogram: 'sinogram', image: 'reconstructed images' }[scan.kind]],
      ['modality', scan.modality],
      ['matrix', scan.matrix === null ? 'not stated' : `${scan.matrix.join(' × ')} (rows × columns)`],
      ['slices', scan.slices === null ? 'not stated' : String(scan.slices)],
    ];
    if (scan.coils !== null) rows.push(['coils', String(scan.coils)]);
    rows.push(['stored array', `${scan.dtype} [${scan.shape.join(', ')}]`]);
    if (scan.mask !== null) {
      const acs = scan.mask.acs_lines === null ? '' : `, ${scan.mask.acs_lines} central lines complete`;
      const percent = short(100 * scan.mask.measured_fraction);
      rows.push(['mask', `${scan.mask.kind}, ${percent} % measured${scan.mask.kind === 'full' ? '' : acs}`]);
      if (scan.acceleration !== null) rows.push(['acceleration', short(scan.acceleration)]);
    }
    if (scan.angles !== null)
      rows.push([
        'angles',
        `${scan.angles.count}, ${short(scan.angles.first_deg)}° to ${short(scan.angles.last_deg)}°`,
      ]);
    if (scan.beam !== null) {
      const { kind, curved, detectors, rows: height, detector_centre: centre } = scan.beam;
      const panel = `${detectors}${height === null ? '' : ` × ${height}`} detector elements`;
      const axis = centre === null ? 'rotation axis not stated' : `rotation axis at ${short(centre)}`;
      rows.push(['beam', `${kind}${curved ? ', curved' : ''}, ${panel}, ${axis}`]);
    }
    const carried = [
      ...(scan.maps ? ['coil maps'] : []),
      ...(scan.calibration ? ['calibration lines'] : []),
      ...(scan.noise_scan ? ['noise scan'] : []),
      ...(scan.reference ? ['reference image'] : []),
    ];
    if (carried.length > 0) rows.push(['also holds', carried.join(', ')]);
    for (const axis of scan.outer_axes) rows.push([`axis ${axis.name}`, String(axis.size)]);
    rows.push(['orientation', scan.orientation ?? 'not stated']);
    rows.push([
      'spacing',
      scan.spacing_mm === null ? 'not stated' : `${scan.spacing_mm.map(short).join(' × ')} mm (z, y, x)`,
    ]);
    rows.push(['digest', scan.digest]);
    for (const note of scan.notes) rows.push(['note', note]);
    terminal.print(pairs(rows));
    terminal.result(scan);
    return 0;
  },
});
