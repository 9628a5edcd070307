/** The residual curve as inline SVG: ‖Ax − y‖/‖y‖ over the steps of one slice, logarithmic. Needs no script. */
import type { CurveRow } from './result.ts';

const width = 640;
const height = 240;
const margin = { left: 62, right: 132, top: 14, bottom: 40 };

interface Point {
  step: number;
  value: number;
}

function superscript(n: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return [...String(n)].map((c) => (c === '-' ? '⁻' : digits[Number(c)])).join('');
}

/** 1, 2 and 5 times powers of ten inside the range; only the powers when the range is wide. */
function ticks(low: number, high: number): { value: number; label: string }[] {
  const result: { value: number; label: string }[] = [];
  const decades = Math.log10(high / low);
  const factors = decades > 3 ? [1] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value < low * 0.999 || value > high * 1.001) continue;
      const plain = Number(value.toPrecision(3));
      result.push({
        value,
        label: plain >= 0.001 ? String(plain) : `${factor === 1 ? '' : `${factor}·`}10${superscript(power)}`,
      });
    }
  return result;
}

/** Empty string when there are fewer than two points to draw. */
export function residualCurve(rows: readonly CurveRow[], expected: number | null): string {
  const after: Point[] = rows.filter((row) => row.after > 0).map((row) => ({ step: row.step, value: row.after }));
  const before: Point[] = rows.flatMap((row) =>
    row.before !== null && row.before > 0 ? [{ step: row.step, value: row.before }] : [],
  );
  if (after.length < 2) return '';
  const values = [...after, ...before].map((point) => point.value);
  if (expected !== null && expected > 0) values.push(expected);
  const low = Math.min(...values) / 1.15;
  const high = Math.max(...values) * 1.15;
  const first = after[0].step;
  const last = after[after.length - 1].step;
  const x = (step: number) =>
    margin.left + ((step - first) / Math.max(1, last - first)) * (width - margin.left - margin.right);
  const y = (value: number) =>
    margin.top + (Math.log(high / value) / Math.log(high / low)) * (height - margin.top - margin.bottom);
  const path = (points: readonly Point[]) =>
    points.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.step).toFixed(1)} ${y(p.value).toFixed(1)}`).join('');
  const right = width - margin.right;
  const parts: string[] = [];
  for (const { value, label } of ticks(low, high))
    parts.push(
      `<path class="grid" d="M${margin.left} ${y(value).toFixed(1)}H${right}"/>`,
      `<text x="${margin.left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${label}</text>`,
    );
  const stride = Math.max(1, Math.ceil((last - first) / 8));
  for (let step = first; step <= last; step += stride)
    parts.push(
      `<text x="${x(step).toFixed(1)}" y="${height - margin.bottom + 18}" text-anchor="middle">${step}</text>`,
    );
  parts.push(
    `<path class="axis" d="M${margin.left} ${margin.top}V${height - margin.bottom}H${right}"/>`,
    `<text x="${(margin.left + right) / 2}" y="${height - 4}" text-anchor="middle">step</text>`,
  );
  const labels: { y: number; css: string; text: string }[] = [];
  if (expected !== null && expected > 0) {
    parts.push(`<path class="expected" d="M${margin.left} ${y(expected).toFixed(1)}H${right}"/>`);
    labels.push({ y: y(expected), css: 'expected-label', text: 'noise level' });
  }
  if (before.length > 1) {
    parts.push(`<path class="before" d="${path(before)}"/>`);
    labels.push({ y: y(before[before.length - 1].value), css: 'before-label', text: 'network alone' });
  }
  parts.push(`<path class="after" d="${path(after)}"/>`);
  labels.push({
    y: y(after[after.length - 1].value),
    css: 'after-label',
    text: before.length > 1 ? 'after data step' : 'residual',
  });
  labels.sort((a, b) => a.y - b.y);
  let free = margin.top;
  for (const label of labels) {
    const at = Math.max(label.y + 4, free + 4);
    free = at + 12;
    parts.push(`<text class="${label.css}" x="${right + 8}" y="${at.toFixed(1)}">${label.text}</text>`);
  }
  return `<svg class="curve" viewBox="0 0 ${width} ${height}" role="img" aria-label="Relative residual over the steps">${parts.join('')}</svg>`;
}
