/**
 * Index of a tangent field in each triangle of an oriented mesh: how often the field turns round once about the triangle,
 * beyond what the tangent planes themselves turn. With ρ_ij the angle by which transport from i to j turns coordinates and θ
 * the angle of the field, ω_ij = wrap(θ_j − θ_i − ρ_ij) and index = (Σ ω + wrap(Σ ρ))/2π. Vortices, sources and sinks have
 * +1, saddles −1; the sum over a closed surface is its Euler characteristic.
 */
import { transport } from './connection-laplacian.ts';

export interface Singularity {
  /** Number among `faces`. */
  triangle: number;
  index: number;
}

const wrap = (angle: number) => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));

/** faces [f, 3]; frames [v, 3, 2], turned to one side of the surface; local [v, 2]. */
export function singularities(faces: Uint32Array, frames: Float64Array, local: Float64Array): Singularity[] {
  const o = new Float64Array(4);
  const found: Singularity[] = [];
  for (let f = 0; f < faces.length / 3; f++) {
    let [turn, holonomy] = [0, 0];
    for (let c = 0; c < 3; c++) {
      const [i, j] = [faces[3 * f + c], faces[3 * f + ((c + 1) % 3)]];
      transport(o, { frames, offset: 6 * i }, { frames, offset: 6 * j }, 3, 2);
      const rho = Math.atan2(o[2], o[0]);
      const theta = (v: number) => Math.atan2(local[2 * v + 1], local[2 * v]);
      turn += wrap(theta(j) - theta(i) - rho);
      holonomy += rho;
    }
    const index = Math.round((turn + wrap(holonomy)) / (2 * Math.PI));
    if (index !== 0) found.push({ triangle: f, index });
  }
  return found;
}
