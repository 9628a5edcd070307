/** A length of 1, 2 or 5 times a power of ten that takes up at most a share of the width. */
export function scaleBar(
  pixelsPerMm: number | null,
  pixelsPerPixel: number,
  width: number,
): { pixels: number; text: string } | null {
  const perUnit = pixelsPerMm ?? pixelsPerPixel;
  const most = (width * 0.22) / perUnit;
  if (!(most > 0) || !Number.isFinite(most)) return null;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((k) => k * power).find((value) => value <= most) ?? power;
  if (pixelsPerMm === null) return length < 1 ? null : { pixels: length * perUnit, text: `${length} px` };
  const text = length >= 10 ? `${length / 10} cm` : length >= 1 ? `${length} mm` : `${Math.round(length * 1000)} µm`;
  return { pixels: length * perUnit, text };
}
