import { EngineError } from '../errors.ts';
import type { Scan } from './scan.ts';
export async function hdf5Scan(path: string, _slices?: readonly [number, number]): Promise<Scan> {
  throw new EngineError('unsupported', 'HDF5 is not read yet', { path });
}
