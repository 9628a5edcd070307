/** Contrast of every pair of colours the tokens promise, by the formula of WCAG 2.2. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('renderer/app/tokens.css', 'utf8');

function colours(theme: 'dark' | 'light'): Map<string, string> {
  const start = css.indexOf(`[data-theme="${theme}"]`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
}

/** Relative luminance of "#rrggbb". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ['surface-0', 'surface-1', 'surface-2', 'surface-3'];
const text: [string, string][] = [
  ...['text-1', 'text-2', 'text-3'].flatMap((ink) => surfaces.map((ground): [string, string] => [ink, ground])),
  ...['text-1', 'text-2'].flatMap((ink) =>
    ['accent-soft', 'warning-soft', 'danger-soft', 'ok-soft'].map((ground): [string, string] => [ink, ground]),
  ),
  ...['accent', 'warning', 'danger', 'ok'].flatMap((ink) =>
    ['surface-1', 'surface-2'].map((ground): [string, string] => [ink, ground]),
  ),
  ...['accent', 'warning', 'danger', 'ok'].map((ink): [string, string] => [ink, `${ink}-soft`]),
  ['accent-text', 'accent'],
  ['accent-text', 'accent-hover'],
];
const controls: [string, string][] = [
  ...['line-control', 'focus', 'accent'].flatMap((ink) =>
    ['surface-0', 'surface-1', 'surface-2'].map((ground): [string, string] => [ink, ground]),
  ),
];

describe.each(['dark', 'light'] as const)('colours of the %s theme', (theme) => {
  const values = colours(theme);
  const ratio = ([ink, ground]: [string, string]) => contrast(values.get(ink) ?? '', values.get(ground) ?? '');
  const below = (pairs: [string, string][], least: number) =>
    pairs.filter((pair) => !(ratio(pair) >= least)).map((pair) => `${pair.join(' on ')}: ${ratio(pair).toFixed(2)}`);

  it('let text be read at 4.5:1', () => {
    expect(below(text, 4.5)).toEqual([]);
  });

  it('let controls and the focus ring be seen at 3:1', () => {
    expect(below(controls, 3)).toEqual([]);
  });
});
