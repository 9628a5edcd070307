/**
 * The mesh used while fitting: each quadrilateral as four triangles about its centre
 *   c = [γ₀γ₂ (v₀ + v₂)/2 + γ₁γ₃ (v₁ + v₃)/2]/(γ₀γ₂ + γ₁γ₃ + 1e-8), so that γ, which chooses the diagonal, has a gradient.
 */
import { type FlexibleGrid, type FlexibleSurface, type Gradients, gammaOf } from './flexible-surface.ts';
import type { TriangleMesh } from './mesh-measures.ts';

/** Cube that owns corner i of quad q. */
const ownerOf = ({ surface }: FlexibleSurface, corner: number) =>
  surface.cubes[surface.vertexSlot[surface.quads[corner]]];

/** Vertices, then one centre per quad. */
export function meshWithCentres(grid: FlexibleGrid, found: FlexibleSurface): TriangleMesh {
  const { quads } = found.surface;
  const first = found.vertices.length / 3;
  const vertices = new Float64Array(found.vertices.length + (3 * quads.length) / 4);
  vertices.set(found.vertices);
  const faces = new Uint32Array(3 * quads.length);
  for (let q = 0; q < quads.length; q += 4) {
    const gamma = [0, 1, 2, 3].map((i) => gammaOf(grid.g[ownerOf(found, q + i)]));
    const [A, B] = [gamma[0] * gamma[2], gamma[1] * gamma[3]];
    const centre = first + q / 4;
    for (let axis = 0; axis < 3; axis++) {
      const v = (i: number) => vertices[3 * quads[q + i] + axis];
      vertices[3 * centre + axis] = ((A * (v(0) + v(2))) / 2 + (B * (v(1) + v(3))) / 2) / (A + B + 1e-8);
    }
    for (let i = 0; i < 4; i++) {
      faces[3 * (q + i)] = quads[q + i];
      faces[3 * (q + i) + 1] = quads[q + ((i + 1) % 4)];
      faces[3 * (q + i) + 2] = centre;
    }
  }
  return { vertices, faces };
}

/** Moves the gradient of the centres, in `ofMesh` [vertices and centres, 3], onto the vertices and onto `out.g`. */
export function centresToVertices(
  out: Gradients,
  grid: FlexibleGrid,
  found: FlexibleSurface,
  mesh: TriangleMesh,
  ofMesh: Float64Array,
): void {
  const { quads } = found.surface;
  const first = found.vertices.length / 3;
  for (let q = 0; q < quads.length; q += 4) {
    const owners = [0, 1, 2, 3].map((i) => ownerOf(found, q + i));
    const gamma = owners.map((cube) => gammaOf(grid.g[cube]));
    const [A, B] = [gamma[0] * gamma[2], gamma[1] * gamma[3]];
    const inverse = 1 / (A + B + 1e-8);
    let [ofA, ofB] = [0, 0];
    for (let axis = 0; axis < 3; axis++) {
      const at = 3 * (first + q / 4) + axis;
      const gradient = ofMesh[at];
      const v = (i: number) => mesh.vertices[3 * quads[q + i] + axis];
      ofA += gradient * ((v(0) + v(2)) / 2 - mesh.vertices[at]) * inverse;
      ofB += gradient * ((v(1) + v(3)) / 2 - mesh.vertices[at]) * inverse;
      for (let i = 0; i < 4; i++) ofMesh[3 * quads[q + i] + axis] += (gradient * (i % 2 === 0 ? A : B) * inverse) / 2;
    }
    for (let i = 0; i < 4; i++) {
      const sigmoid = (gamma[i] - 0.005) / 0.99;
      const product = (i % 2 === 0 ? ofA : ofB) * gamma[(i + 2) % 4];
      out.g[owners[i]] += product * 0.99 * sigmoid * (1 - sigmoid);
    }
  }
}
