/**
 * Simulated receive coils: circular loops on a ring around the slice.
 *
 * The receive sensitivity of a loop is B_x − iB_y of the field it would make with unit current (principle of reciprocity);
 * the field is the Biot–Savart sum Σ dl × r/|r|³ over straight pieces of the loop. Complex and smooth, and what maps of
 * real arrays look like. Normalised to Σ_c|S_c|² = 1 in every pixel.
 */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';

/** Half the longer side of the field of view is 1. */
const RING_RADIUS = 1.5;
const PIECES = 24;

/** complex64 [coils, y, x]. One coil gives the constant map 1. */
export function coilRing(coils: number, [height, width]: readonly [number, number]): NdArray<'complex64'> {
  check(Number.isInteger(coils) && coils >= 1 && coils <= 128, () => `${coils} coils, expected 1…128`, {
    code: 'bad-usage',
    path: 'coils',
  });
  const pixels = height * width;
  const maps = new Float32Array(2 * coils * pixels);
  if (coils === 1) {
    for (let i = 0; i < maps.length; i += 2) maps[i] = 1;
    return ndarray('complex64', [1, height, width], maps);
  }
  // Neighbouring loops touch; few coils do not grow beyond the ring.
  const loopRadius = Math.min(0.9, RING_RADIUS * Math.sin(Math.PI / coils));
  const unit = 2 / Math.max(height, width);
  for (let c = 0; c < coils; c++) {
    const pieces = loopPieces((2 * Math.PI * c) / coils, loopRadius);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 2 * ((c * height + y) * width + x);
        addField(pieces, (x - (width - 1) / 2) * unit, (y - (height - 1) / 2) * unit, maps, at);
      }
    }
  }
  for (let i = 0; i < pixels; i++) {
    let energy = 0;
    for (let c = 0; c < coils; c++) energy += maps[2 * (c * pixels + i)] ** 2 + maps[2 * (c * pixels + i) + 1] ** 2;
    const scale = 1 / Math.sqrt(energy);
    for (let c = 0; c < coils; c++) {
      maps[2 * (c * pixels + i)] *= scale;
      maps[2 * (c * pixels + i) + 1] *= scale;
    }
  }
  return ndarray('complex64', [coils, height, width], maps);
}

/** Middle (x, y, z) and direction·length (x, y, z) of every piece of the loop that faces the centre from `angle`. */
function loopPieces(angle: number, radius: number): Float64Array {
  const pieces = new Float64Array(6 * PIECES);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const step = (2 * Math.PI) / PIECES;
  for (let i = 0; i < PIECES; i++) {
    const around = i * step;
    // The loop's plane is spanned by the tangent of the ring and the slice normal z.
    const tangent = radius * Math.cos(around);
    const tangentStep = -radius * Math.sin(around) * step;
    pieces.set(
      [
        RING_RADIUS * cosine - tangent * sine,
        RING_RADIUS * sine + tangent * cosine,
        radius * Math.sin(around),
        -tangentStep * sine,
        tangentStep * cosine,
        radius * Math.cos(around) * step,
      ],
      6 * i,
    );
  }
  return pieces;
}

function addField(pieces: Float64Array, x: number, y: number, out: Float32Array, at: number): void {
  let bx = 0;
  let by = 0;
  for (let i = 0; i < pieces.length; i += 6) {
    const rx = x - pieces[i];
    const ry = y - pieces[i + 1];
    const rz = -pieces[i + 2];
    const squared = rx * rx + ry * ry + rz * rz;
    const weight = 1 / (squared * Math.sqrt(squared));
    bx += (pieces[i + 4] * rz - pieces[i + 5] * ry) * weight;
    by += (pieces[i + 5] * rx - pieces[i + 3] * rz) * weight;
  }
  out[at] = bx;
  out[at + 1] = -by;
}
