/**
 * Views whose rays are the same up to a symmetry of the pixel lattice, so that one slice, turned and mirrored, fills the four
 * lanes of the kernel. With M(X, Y) = (Y, −X), the image f_k(P) = f(Mᵏ P) seen at angle θ is f seen at θ + 90°·k. Of a
 * parallel beam, f_k mirrored in Y and seen at θ is f_k seen at −θ, and a view at θ + 180° is the view at θ with its detector
 * reversed; so half a turn of uniform views needs a quarter of the rays. Of a fan beam the four lanes are the four turns.
 */
import { rotationCentre, type SliceGeometry } from './ct-geometry.ts';
import { type Frame, padding } from './ray-table.ts';

export const lanes = 4;

/** The image in one lane: pixel (x, y) lies at padded frame cell origin + x·stepX + y·stepY. */
export interface LaneImage {
  readonly origin: number;
  readonly stepX: number;
  readonly stepY: number;
}

export interface ViewGroups {
  readonly frame: Frame;
  /** Angle whose rays are traced for the group, degrees. */
  readonly angles: number[];
  /** [groups, lanes] View in each lane, −1 for none. */
  readonly views: Int32Array;
  /** [groups, lanes] 1 where the lane's detector runs backwards. */
  readonly reversed: Uint8Array;
  /** First detector element traced and how many: more than the detector has where reversed views reach beyond. */
  readonly elements: readonly [from: number, count: number];
  /** How the slice lies in each lane; of plain groups every lane holds its own slice the same way. */
  readonly images: readonly LaneImage[];
}

function laneImage(frame: Frame, centre: number, turns: number, mirrored: boolean): LaneImage {
  const row = frame.size + 2 * padding;
  // M⁻ᵏ of the pixel axes: where X and Y of the slice point in the frame.
  const axes = [
    [1, 0, 0, 1],
    [0, 1, -1, 0],
    [-1, 0, 0, -1],
    [0, -1, 1, 0],
  ][turns];
  const sign = mirrored ? -1 : 1;
  const stepX = axes[0] + sign * axes[1] * row;
  const stepY = axes[2] + sign * axes[3] * row;
  const middle = (frame.centre + padding) * (row + 1);
  return { origin: Math.round(middle - centre * (stepX + stepY)), stepX, stepY };
}

/** Every view for itself, four slices at a time. */
export function plainGroups(geometry: SliceGeometry): ViewGroups {
  const views = geometry.anglesDeg.length;
  const centre = rotationCentre(geometry);
  const frame = { size: geometry.size, centre };
  const image = laneImage(frame, centre, 0, false);
  return {
    frame,
    angles: [...geometry.anglesDeg],
    views: Int32Array.from({ length: lanes * views }, (_, i) => Math.floor(i / lanes)),
    reversed: new Uint8Array(lanes * views),
    elements: [0, geometry.detectors],
    images: [image, image, image, image],
  };
}

/** Degrees within which two views are taken as one turned by 90°. */
const tolerance = 1e-9;

/** Groups for one slice at a time; undefined where no symmetry helps. */
export function symmetricGroups(geometry: SliceGeometry): ViewGroups | undefined {
  const centre = rotationCentre(geometry);
  const { size, anglesDeg, detectors, detectorCentre } = geometry;
  if (!Number.isInteger(2 * centre)) return undefined;
  const reach = Math.max(centre, size - 1 - centre);
  const frame = { size: 2 * reach + 1, centre: reach };
  const total = 2 * detectorCentre;
  const from = Math.min(0, total - detectors + 1);
  const count = Math.max(detectors - 1, total) - from + 1;
  if (frame.size > 1.2 * size + 1) return undefined;
  const dihedral = geometry.kind === 'parallel' && Number.isInteger(total) && count <= 1.2 * detectors + 1;
  const found = new Map<string, number>();
  const angles: number[] = [];
  const views: number[] = [];
  const reversed: number[] = [];
  const place = (key: number, angle: number, lane: number, view: number, backwards: boolean): void => {
    // A view may be measured more than once: it then opens a group of its own.
    for (let copy = 0; ; copy++) {
      const name = `${Math.round(key / tolerance)} ${copy}`;
      let group = found.get(name);
      if (group === undefined) {
        group = angles.length;
        found.set(name, group);
        angles.push(angle);
        views.push(-1, -1, -1, -1);
        reversed.push(0, 0, 0, 0);
      }
      const at = lanes * group + lane;
      if (views[at] >= 0) continue;
      views[at] = view;
      reversed[at] = backwards ? 1 : 0;
      return;
    }
  };
  for (let view = 0; view < anglesDeg.length; view++) {
    const turn = ((anglesDeg[view] % 360) + 360) % 360;
    const turns = Math.floor((turn + tolerance) / 90);
    const rest = turn - 90 * turns;
    if (!dihedral) place(rest, rest, turns % 4, view, false);
    else if (rest <= 45 + tolerance) place(rest, rest, turns % 2, view, turns % 4 >= 2);
    else place(90 - rest, 90 - rest, 2 + ((turns + 1) % 2), view, (turns + 1) % 4 >= 2);
  }
  if (angles.length > 0.8 * anglesDeg.length) return undefined;
  const images = Array.from({ length: lanes }, (_, lane) =>
    laneImage(frame, centre, dihedral ? lane % 2 : lane, dihedral && lane >= 2),
  );
  return {
    frame,
    angles,
    views: Int32Array.from(views),
    reversed: Uint8Array.from(reversed),
    elements: dihedral ? [from, count] : [0, detectors],
    images,
  };
}
