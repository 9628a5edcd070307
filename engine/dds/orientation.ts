/**
 * The views under which a prior may see an image: mirrored along either axis and, for complex images, turned in phase by
 * quarter turns. An ideal denoiser commutes with all of them; a trained one does not quite, and its errors differ from
 * view to view, so that another view at every step averages them out at no cost.
 * Terris, Moreau, Pustelnik, Tachella: "Equivariant plug-and-play image reconstruction" (CVPR 2024), with a fixed cycle in
 * place of a random draw.
 */

export interface View {
  readonly flipY: boolean;
  readonly flipX: boolean;
  /** Factor i^quarterTurns on a complex image; real images are never turned. */
  readonly quarterTurns: number;
}

export interface PlaneSize {
  height: number;
  width: number;
}

export const plainView: View = { flipY: false, flipX: false, quarterTurns: 0 };

/** Mirror both ways first: it differs most from the plain view. */
const cycle: readonly (readonly [flipY: boolean, flipX: boolean])[] = [
  [false, false],
  [true, true],
  [true, false],
  [false, true],
];

/** View number k: the four mirror images, then the same a quarter turn further, all sixteen different. */
export function viewAt(k: number): View {
  const [flipY, flipX] = cycle[k % cycle.length];
  return { flipY, flipX, quarterTurns: Math.floor(k / cycle.length) % 4 };
}

/** The view without its phase. */
export function mirrorsOf(view: View): View {
  return { ...view, quarterTurns: 0 };
}

/** out ← the view of planes [channel, y, x]; two channels are re and im. `out` must not overlap `planes`. */
export function showView(planes: Float32Array, out: Float32Array, size: PlaneSize, view: View): void {
  transform(planes, out, size, view, view.quarterTurns);
}

/** out ← planes with the view undone. Mirrors are their own inverse. */
export function undoView(planes: Float32Array, out: Float32Array, size: PlaneSize, view: View): void {
  transform(planes, out, size, view, (4 - view.quarterTurns) % 4);
}

/** For i^turns (re + i im): which plane gives re and im, and with which sign. */
const turned = [
  { re: 0, reSign: 1, im: 1, imSign: 1 },
  { re: 1, reSign: -1, im: 0, imSign: 1 },
  { re: 0, reSign: -1, im: 1, imSign: -1 },
  { re: 1, reSign: 1, im: 0, imSign: -1 },
] as const;

function transform(
  planes: Float32Array,
  out: Float32Array,
  size: PlaneSize,
  { flipY, flipX }: View,
  quarterTurns: number,
): void {
  const pixels = size.height * size.width;
  const channels = planes.length / pixels;
  const turn = turned[channels === 2 ? quarterTurns : 0];
  for (let channel = 0; channel < channels; channel++) {
    const source = channels === 2 ? (channel === 0 ? turn.re : turn.im) : channel;
    const sign = channel === 0 ? turn.reSign : turn.imSign;
    mirror(planes.subarray(source * pixels, (source + 1) * pixels), out, channel * pixels, size, sign, flipY, flipX);
  }
}

function mirror(
  plane: Float32Array,
  out: Float32Array,
  offset: number,
  { height, width }: PlaneSize,
  sign: number,
  flipY: boolean,
  flipX: boolean,
): void {
  for (let y = 0; y < height; y++) {
    const row = (flipY ? height - 1 - y : y) * width;
    const to = offset + y * width;
    if (flipX) for (let x = 0; x < width; x++) out[to + x] = sign * plane[row + width - 1 - x];
    else for (let x = 0; x < width; x++) out[to + x] = sign * plane[row + x];
  }
}
