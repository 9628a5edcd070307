/**
 * Colour maps of 256 entries made from lightness and hue in CIE L*a*b* (D65), so that lightness is linear by
 * construction. Sequential: L* rises from near black to near white while the hue turns from blue-violet over red to yellow, or from violet over
 * green to yellow. Diverging: near-black middle, rising to
 * blue and to red with the same lightness on both sides, so that text over it is read and zero recedes.
 */
export type ColourMapName = 'grey' | 'ember' | 'moss' | 'diverging';

export type Rgb = readonly [number, number, number];

const gamma = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

function labToLinear(l: number, a: number, b: number): [number, number, number] {
  const fy = (l + 16) / 116;
  const inverse = (t: number) => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));
  const x = 0.95047 * inverse(fy + a / 500);
  const y = inverse(fy);
  const z = 1.08883 * inverse(fy - b / 200);
  return [
    3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
    -0.969266 * x + 1.8760108 * y + 0.041556 * z,
    0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
  ];
}

/** The colour of a lightness, hue (radians) and wanted chroma; chroma is lowered until the screen can show it. */
function colour(l: number, hue: number, chroma: number): Rgb {
  let c = chroma;
  for (;;) {
    const linear = labToLinear(l, c * Math.cos(hue), c * Math.sin(hue));
    if (c <= 0.5 || linear.every((v) => v >= -0.0005 && v <= 1.0005)) {
      const [r, g, b] = linear.map((v) => Math.round(255 * gamma(Math.min(1, Math.max(0, v)))));
      return [r, g, b];
    }
    c -= 0.5;
  }
}

const degrees = Math.PI / 180;
const table = (at: (t: number, index: number) => Rgb): readonly Rgb[] =>
  Array.from({ length: 256 }, (_, index) => at(index / 255, index));

const build: Readonly<Record<ColourMapName, () => readonly Rgb[]>> = {
  grey: () => table((_, i) => [i, i, i]),
  ember: () =>
    table((t) => colour(3 + 92 * t, (-65 + 165 * t) * degrees, 20 + 60 * Math.sin(Math.PI * Math.min(1, t * 1.1)))),
  moss: () => table((t) => colour(10 + 82 * t, (310 - 205 * t) * degrees, 34 + 34 * t)),
  diverging: () =>
    table((_, i) => {
      const side = (i - 127.5) / 127.5;
      return colour(6 + 66 * Math.abs(side), (side < 0 ? 262 : 40) * degrees, 74 * Math.abs(side) ** 0.6);
    }),
};

const made = new Map<ColourMapName, readonly Rgb[]>();

export function colourMap(name: ColourMapName): readonly Rgb[] {
  let colours = made.get(name);
  if (colours === undefined) {
    colours = build[name]();
    made.set(name, colours);
  }
  return colours;
}

export const colourMapNames: readonly ColourMapName[] = ['grey', 'ember', 'moss', 'diverging'];

export const colourMapTitles: Readonly<Record<ColourMapName, string>> = {
  grey: 'Grey',
  ember: 'Ember',
  moss: 'Moss',
  diverging: 'Blue–red around zero',
};

/** CIE L* of an 8-bit sRGB colour. */
export function lightness([r, g, b]: Rgb): number {
  const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const y = 0.2126729 * linear(r) + 0.7151522 * linear(g) + 0.072175 * linear(b);
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
}
