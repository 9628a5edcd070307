/** Every stride-th voxel along each axis of [slices, rows, columns], so that at most `most` voxels are left. */
export interface ThinVolume {
  values: Float32Array;
  shape: [number, number, number];
  stride: number;
}

export function thinVolume(
  values: Float32Array,
  [slices, rows, columns]: readonly [number, number, number],
  most: number,
): ThinVolume {
  let stride = 1;
  const left = (n: number) => Math.floor((n - 1) / stride) + 1;
  while (left(slices) * left(rows) * left(columns) > most) stride++;
  const shape: [number, number, number] = [left(slices), left(rows), left(columns)];
  const thin = new Float32Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) {
      const row = (z * stride * rows + y * stride) * columns;
      for (let x = 0; x < shape[2]; x++) thin[at++] = values[row + x * stride];
    }
  return { values: thin, shape, stride };
}
