/**
 * What goes into and comes out of a solver. The host reads files into artifacts by the type an input declares and
 * writes each output artifact to a file named after it; solvers see arrays only.
 *
 * | type | in memory | files read | file written |
 * |---|---|---|---|
 * | image, volume, kspace, sinogram, matrix, field, points, labels | one array | .npy, .npz; scans in any format for the first four; .csv for matrix, points, labels | .npy |
 * | picture | grey values | – | .png |
 * | table, curve | named columns | .csv with a header row | .csv |
 * | graph | JSON | .json | .json |
 * | mesh | vertices, faces | .obj | .obj, or binary .stl |
 * | model | a path, or named arrays | folder, .onnx, .safetensors, .pt, .npz | .npz |
 * | metrics | named numbers | .json | result.json |
 */
import type { NdArray } from '../arrays/ndarray.ts';

export const arrayTypes = ['image', 'volume', 'kspace', 'sinogram', 'matrix', 'field', 'points', 'labels'] as const;
export type ArrayType = (typeof arrayTypes)[number];

export interface ArrayArtifact {
  type: ArrayType;
  array: NdArray;
  /** What came with it in the same file: `mask` and `maps` of k-space, `angles` of a sinogram. */
  companions?: Readonly<Record<string, NdArray>>;
}

export interface PictureArtifact {
  type: 'picture';
  /** float32 [y, x] or [slices, y, x]; the writer chooses the window and tiles slices. */
  array: NdArray<'float32'>;
  file?: string;
}

export type Column = readonly (number | null)[] | readonly string[];

export interface TableArtifact {
  type: 'table' | 'curve';
  /** Columns of equal length in order; a curve's first column is its abscissa. */
  columns: Readonly<Record<string, Column>>;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface GraphArtifact {
  type: 'graph';
  json: Json;
}

export interface MeshArtifact {
  type: 'mesh';
  /** float32 [n, 3], mm. */
  vertices: NdArray<'float32'>;
  /** uint32 [m, 3], from 0. */
  faces: NdArray<'uint32'>;
  /** Default obj. */
  format?: 'obj' | 'stl';
  /** Name of the file without its ending, where it is not the output's: `mesh` of the output `mesh_stl`. */
  file?: string;
}

export interface ModelArtifact {
  type: 'model';
  /** Name or path of a network or prior. */
  source?: string;
  /** Weights held in memory. */
  arrays?: Readonly<Record<string, NdArray>>;
  config?: Json;
}

export interface MetricsArtifact {
  type: 'metrics';
  values: Readonly<Record<string, number | null>>;
}

export type Artifact =
  | ArrayArtifact
  | PictureArtifact
  | TableArtifact
  | GraphArtifact
  | MeshArtifact
  | ModelArtifact
  | MetricsArtifact;

export type ArtifactType = Artifact['type'];

export function isArrayArtifact(artifact: Artifact): artifact is ArrayArtifact {
  return (arrayTypes as readonly string[]).includes(artifact.type);
}
