/** curve.svg: validation PSNR (dB) per noise level against step. models/training/export.py draws the same picture. */
import type { LogRow } from './log.ts';

const width = 640;
const height = 360;
const left = 50;
const right = 110;
const top = 20;
const bottom = 40;

/** Blue for the lowest noise level to red for the highest. */
const colour = (i: number, count: number) => `hsl(${Math.round(240 - (240 * i) / Math.max(count - 1, 1))} 70% 40%)`;

/** The picture as SVG text; without rows, an empty frame. */
export function curveSvg(levels: readonly number[], rows: readonly LogRow[]): string {
  const values = rows.flatMap((row) => row.psnr.filter(Number.isFinite));
  const low = values.length === 0 ? 0 : Math.min(...values);
  const high = values.length === 0 ? 1 : Math.max(...values);
  const last = Math.max(1, ...rows.map((row) => row.step));
  const px = (step: number) => (left + ((width - left - right) * step) / last).toFixed(1);
  const py = (dB: number) => (top + ((height - top - bottom) * (high - dB)) / Math.max(high - low, 1e-9)).toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
  ];
  for (const tick of ticks) {
    const dB = low + (high - low) * tick;
    const y = Number(py(dB));
    out.push(
      `<path d="M${left} ${y}H${width - right}" stroke="#ddd"/><text x="${left - 6}" y="${y + 4}" text-anchor="end">${dB.toFixed(1)}</text>`,
    );
    const step = Math.round(last * tick);
    out.push(`<text x="${px(step)}" y="${height - 22}" text-anchor="middle">${step}</text>`);
  }
  levels.forEach((sigma, i) => {
    const points = rows.filter((row) => Number.isFinite(row.psnr[i]));
    const end = points.at(-1);
    if (end === undefined) return;
    const ink = colour(i, levels.length);
    const line = points.map((row) => `${px(row.step)},${py(row.psnr[i])}`).join(' ');
    out.push(`<polyline points="${line}" fill="none" stroke="${ink}" stroke-width="1.5"/>`);
    out.push(
      `<text x="${(Number(px(end.step)) + 6).toFixed(1)}" y="${(Number(py(end.psnr[i])) + 4).toFixed(1)}" fill="${ink}">σ = ${sigma}: ${end.psnr[i].toFixed(1)}</text>`,
    );
  });
  out.push(
    `<text x="${left}" y="14">denoising PSNR on held-out images, dB</text>`,
    `<text x="${(width - 60) / 2}" y="${height - 6}" text-anchor="middle">training step</text></svg>`,
  );
  return `${out.join('\n')}\n`;
}
