/** HDF5 files written by the same library that reads them. */
import { join } from 'node:path';
import h5wasm from 'h5wasm/node';
import type { NdArray } from '../../engine/arrays/ndarray.ts';
import { temporaryFolder } from './temporary-folder.ts';

await h5wasm.ready;

type Content = {
  data: Float32Array | Int8Array | string | Map<string, Float32Array>;
  shape?: number[];
  chunks?: number[];
  compression?: number;
};

/** Complex numbers as h5py stores them: records of r and i. */
export function complexRecords(a: NdArray<'complex64'>): { data: Map<string, Float32Array>; shape: number[] } {
  const re = Float32Array.from({ length: a.data.length / 2 }, (_, i) => a.data[2 * i]);
  const im = Float32Array.from({ length: a.data.length / 2 }, (_, i) => a.data[2 * i + 1]);
  return {
    data: new Map([
      ['r', re],
      ['i', im],
    ]),
    shape: [...a.shape],
  };
}

/** Writes datasets (names may hold one group, "group/name") and root attributes; returns the file's path. */
export function hdf5File(datasets: Record<string, Content>, attributes: Record<string, string | number> = {}): string {
  const path = join(temporaryFolder(), 'scan.h5');
  const file = new h5wasm.File(path, 'w');
  for (const [name, content] of Object.entries(datasets)) {
    const [group, inner] = name.includes('/') ? name.split('/') : [undefined, name];
    if (group !== undefined && !file.keys().includes(group)) file.create_group(group);
    const parent = group === undefined ? file : file.get(group);
    if (parent instanceof h5wasm.Group) parent.create_dataset({ name: inner, ...content });
  }
  for (const [name, value] of Object.entries(attributes)) file.create_attribute(name, value);
  file.close();
  return path;
}
