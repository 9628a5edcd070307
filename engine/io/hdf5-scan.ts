/** Scans in HDF5, told apart by structure: `kspace` at the root is fastMRI, a group with `xml` and `data` ISMRMRD. */
import { EngineError } from '../errors.ts';
import { readFastMri } from './fastmri.ts';
import { type Hdf5Options, withHdf5 } from './hdf5-file.ts';
import { readIsmrmrd } from './ismrmrd.ts';
import type { KspaceScan } from './scan.ts';

export async function hdf5Scan(
  path: string,
  slices?: readonly [number, number],
  options: Hdf5Options = {},
): Promise<KspaceScan> {
  return withHdf5(
    path,
    async (file) => {
      const root = await file.list('/');
      if (root.some(({ name, kind }) => name === 'kspace' && kind === 'dataset')) return readFastMri(file, slices);
      const groups: string[] = [];
      for (const { name, kind } of root) {
        if (kind !== 'group') continue;
        const inside = (await file.list(`/${name}`)).filter((item) => item.kind === 'dataset').map((item) => item.name);
        if (inside.includes('xml') && inside.includes('data')) groups.push(name);
      }
      if (groups.length === 0)
        throw new EngineError(
          'unsupported',
          `an HDF5 file with ${
            root.length === 0
              ? 'no contents'
              : root
                  .slice(0, 8)
                  .map(({ name }) => name)
                  .join(', ')
          }, expected "kspace" (fastMRI) or a group with "xml" and "data" (ISMRMRD)`,
          { path },
        );
      const group = groups.includes('dataset') ? 'dataset' : groups[0];
      const scan = await readIsmrmrd(file, `/${group}`);
      if (groups.length > 1) scan.notes.push(`measurement "${group}" was read, ${groups.length - 1} others were not`);
      return scan;
    },
    options,
  );
}
