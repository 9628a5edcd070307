/** Every scan below some files and folders. */
import { z } from 'zod';
import { findScans as find, foundScans } from '../../queue/find-scans.ts';
import { job } from '../job.ts';

export const findScans = job({
  input: z.object({ paths: z.array(z.string()), exclude: z.array(z.string()) }),
  output: foundScans,
  run: ({ paths, exclude }, context) => find(paths, exclude, context.signal),
});
