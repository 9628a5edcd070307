/** Ellipses whose line integrals are known in closed form, and the image of them that a projector is given. */

interface Ellipse {
  /** Centre to the right and down, half axes, in fractions of the image's side; the turn in degrees. */
  x: number;
  y: number;
  a: number;
  b: number;
  turn: number;
  value: number;
}

const ellipses: readonly Ellipse[] = [
  { x: 0, y: 0, a: 0.42, b: 0.33, turn: 15, value: 1 },
  { x: -0.12, y: 0.05, a: 0.11, b: 0.06, turn: -50, value: -0.4 },
  { x: 0.17, y: -0.08, a: 0.07, b: 0.12, turn: 0, value: 0.6 },
];

/** Means over pixels of n×n, from 5 × 5 points each; `centre` is the pixel index of the rotation centre. */
export function ellipseImage(n: number, centre: number): Float32Array {
  const out = new Float32Array(n * n);
  const points = 5;
  for (const { x, y, a, b, turn, value } of ellipses) {
    const c = Math.cos((turn * Math.PI) / 180);
    const s = Math.sin((turn * Math.PI) / 180);
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) {
        let hits = 0;
        for (let k = 0; k < points * points; k++) {
          const u = column - centre - x * n + ((k % points) + 0.5) / points - 0.5;
          const v = row - centre - y * n + (Math.floor(k / points) + 0.5) / points - 0.5;
          const p = (c * u - s * v) / (a * n);
          const q = (s * u + c * v) / (b * n);
          if (p * p + q * q <= 1) hits++;
        }
        out[row * n + column] += (value * hits) / (points * points);
      }
  }
  return out;
}

/** Line integrals [views, detectors] at angles k·180°/views, unit pitch, the centre projecting to floor(detectors/2). */
export function ellipseSinogram(n: number, views: number, detectors: number): Float32Array {
  const out = new Float32Array(views * detectors);
  for (let view = 0; view < views; view++) {
    const theta = (view * Math.PI) / views;
    for (const { x, y, a, b, turn, value } of ellipses) {
      // The ellipse's half width seen along θ, and where its centre projects to.
      const angle = theta - (turn * Math.PI) / 180;
      const width = Math.hypot(a * n * Math.cos(angle), b * n * Math.sin(angle));
      const middle = Math.floor(detectors / 2) + n * (x * Math.cos(theta) - y * Math.sin(theta));
      for (let j = 0; j < detectors; j++) {
        const r = (j - middle) / width;
        if (Math.abs(r) < 1) out[view * detectors + j] += (value * 2 * a * b * n * n * Math.sqrt(1 - r * r)) / width;
      }
    }
  }
  return out;
}
