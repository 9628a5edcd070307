/**
 * Colour maps of the report, as palettes of 256 RGB triples. They are built in OKLCH with lightness rising linearly,
 * so equal steps look equal, order survives a grey print, and no meaning rests on hue alone.
 * OKLab → sRGB: B. Ottosson, "A perceptual color space for image processing" (2020).
 */

type Rgb = readonly [number, number, number];

function oklchToLinear(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180;
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Linear → sRGB byte. */
function gamma(value: number): number {
  const v = Math.min(1, Math.max(0, value));
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
}

/** Nearest colour of the same lightness and hue that the screen can show: chroma is reduced until it fits. */
export function oklch(lightness: number, chroma: number, hue: number): [number, number, number] {
  let c = chroma;
  let rgb = oklchToLinear(lightness, c, hue);
  while (c > 0.001 && rgb.some((v) => v < -0.001 || v > 1.001)) {
    c *= 0.97;
    rgb = oklchToLinear(lightness, c, hue);
  }
  return [gamma(rgb[0]), gamma(rgb[1]), gamma(rgb[2])];
}

function palette(colour: (t: number) => Rgb): Uint8Array {
  const bytes = new Uint8Array(768);
  for (let i = 0; i < 256; i++) bytes.set(colour(i / 255), 3 * i);
  return bytes;
}

/** Black – violet – red – amber – pale yellow, for errors and standard deviations. */
export const heatPalette = palette((t) => oklch(0.97 * t, 0.21 * Math.sin(Math.PI * t ** 0.8), -75 + 180 * t));

/** Amber, the colour of "supplied by the prior". */
export const priorColour: Rgb = oklch(0.78, 0.17, 62);

/** Levels 0–15 of grey times levels 0–15 of amber: index = 16·grey + amber. */
export const overlayPalette = (() => {
  const bytes = new Uint8Array(768);
  for (let grey = 0; grey < 16; grey++)
    for (let amber = 0; amber < 16; amber++) {
      const level = (255 * grey) / 15;
      const weight = (0.8 * amber) / 15;
      for (let c = 0; c < 3; c++) {
        // The tint keeps some of the anatomy's brightness, so that structure stays visible under full colour.
        const tint = priorColour[c] * (0.14 + (0.86 * level) / 255);
        bytes[3 * (16 * grey + amber) + c] = Math.round((1 - weight) * level + weight * tint);
      }
    }
  return bytes;
})();
