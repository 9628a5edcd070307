/** The viewer in Chromium on pixels that are known, by keyboard alone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutChromium } from '../../browser/find-chromium.ts';
import { openViewer, showPart, type Viewer } from './open-viewer.ts';

/** Run in the page, where these types stand for what it keeps. */
interface Kept {
  useViewState: {
    getState(): { views: Record<string, unknown>[]; cine: { playing: boolean }; magnify: boolean; tool: string };
  };
  useMeasurements: { getState(): { list: { kind: string; points: { x: number; y: number }[] }[] } };
  useWorkspace: { getState(): { layout: string; active: number } };
}

const view = (page: Page, name: string) =>
  page.evaluate((key) => (globalThis as unknown as Kept).useViewState.getState().views[0][key], name);
const measured = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as Kept).useMeasurements.getState().list.map(({ kind, points }) => ({ kind, points })),
  );

describe.skipIf(withoutChromium('the viewer in a browser'))('the viewer', () => {
  let viewer: Viewer;
  let page: Page;
  beforeAll(async () => {
    viewer = await openViewer();
    page = await viewer.open();
  });
  afterAll(() => viewer?.close());
  const focus = () => page.locator('[data-viewport="0"]').focus();

  test('draws a ramp of range 0.002 as a ramp, and its probe and region agree with the array to 7 digits', async () => {
    await showPart(page, 'ramp000001');
    const greys = (await page.evaluate(`(() => {
      const canvas = document.querySelector('[data-viewport="0"] canvas');
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, Math.floor(height / 2), width, 1);
      return Array.from({ length: width }, (_, x) => data[4 * x]);
    })()`)) as number[];
    const lit = greys.slice(greys.findIndex((grey) => grey > 8));
    const rising = lit.slice(0, lit.indexOf(Math.max(...lit)));
    expect(rising.length).toBeGreaterThan(200);
    expect(rising.every((grey, k) => k === 0 || grey >= rising[k - 1] - 1)).toBe(true);
    expect(new Set(rising).size).toBeGreaterThan(90);
    await focus();
    await page.keyboard.press('x');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const [probe] = await measured(page);
    const expected = Math.fround(0.001 + (0.002 * Math.round(probe.points[0].x)) / 99);
    const list = page.getByRole('table', { name: /measurements/i });
    await page.keyboard.press('Control+m');
    await list.waitFor();
    const shown = Number((/0\.00\d+/.exec((await list.innerText()).replaceAll('−', '-')) ?? ['0'])[0]);
    expect(Math.abs(shown / expected - 1)).toBeLessThan(1e-3);
    await page.keyboard.press('Control+m');
    await page.keyboard.press('Control+z');
    expect(await measured(page)).toEqual([]);
    await page.keyboard.press('Control+Shift+z');
    expect(await measured(page)).toHaveLength(1);
    await page.keyboard.press('Shift+M');
    await page.keyboard.press('Delete');
    expect(await measured(page)).toEqual([]);
    await page.keyboard.press('w');
  });

  test('does the rows of its table of actions by keyboard alone', async () => {
    await showPart(page, 'head000001');
    await focus();
    const after = async (key: string, name: string) => {
      await page.keyboard.press(key);
      await page.waitForTimeout(40);
      return view(page, name);
    };
    expect(await after('Home', 'slice')).toBe(0);
    expect(await after('ArrowDown', 'slice')).toBe(1);
    expect(await after('End', 'slice')).toBe(29);
    expect(await after('ArrowUp', 'slice')).toBe(28);
    expect(await after('i', 'invert')).toBe(true);
    expect(await after('h', 'hflip')).toBe(true);
    expect(await after('v', 'vflip')).toBe(true);
    expect(await after('r', 'rotation')).toBe(90);
    expect(await after('l', 'rotation')).toBe(0);
    expect(await after('q', 'interpolate')).toBe(false);
    const fitted = (await after('=', 'scale')) as number;
    expect((await after('+', 'scale')) as number).toBeGreaterThan(fitted);
    expect(await after('0', 'scale')).toBe(1);
    await page.keyboard.press('w');
    const before = (await view(page, 'window')) as { width: number };
    expect(((await after('Alt+ArrowRight', 'window')) as { width: number }).width).toBeGreaterThan(before.width);
    await after('Space', 'slice');
    expect(await view(page, 'hflip')).toBe(false);
    await page.keyboard.press('Control+4');
    expect(await page.evaluate(() => (globalThis as unknown as Kept).useWorkspace.getState().layout)).toBe('2x2');
    await page.keyboard.press('Control+1');
    await focus();
    await page.keyboard.press('c');
    expect(await page.evaluate(() => (globalThis as unknown as Kept).useViewState.getState().cine.playing)).toBe(true);
    await page.keyboard.press('c');
    await page.keyboard.down('g');
    await expect
      .poll(() => page.evaluate(() => (globalThis as unknown as Kept).useViewState.getState().magnify))
      .toBe(true);
    await page.keyboard.up('g');
  });

  test.each([
    ['d', 'length', 2],
    ['a', 'angle', 3],
    ['Shift+A', 'cobb', 4],
    ['e', 'ellipse', 2],
    ['t', 'rectangle', 2],
    ['o', 'circle', 2],
  ])('%s draws a %s with the arrow keys and Enter', async (key, kind, points) => {
    await showPart(page, 'head000001');
    await focus();
    const count = (await measured(page)).length;
    await page.keyboard.press(key);
    for (let k = 0; k < points; k++) {
      await page.keyboard.press(k % 2 === 0 ? 'Shift+ArrowRight' : 'Shift+ArrowDown');
      await page.keyboard.press('Enter');
    }
    const list = await measured(page);
    expect(list).toHaveLength(count + 1);
    expect(list.at(-1)?.kind).toBe(kind);
    expect(list.at(-1)?.points).toHaveLength(points);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  test('names itself for a screen reader, and keeps identity away when asked', async () => {
    await showPart(page, 'head000001');
    await page.getByRole('group', { name: /slice \d+ of 30, window/ }).waitFor();
    expect(await page.getByText('Doe, Jane').count()).toBeGreaterThan(0);
    await focus();
    await page.keyboard.press('Shift+J');
    await expect.poll(() => page.locator('.viewport').getByText('Doe, Jane').count()).toBe(0);
    await page.keyboard.press('Shift+J');
  });

  test('hangs a result four ways, its warnings on the image', async () => {
    await page.evaluate(() =>
      (globalThis as unknown as { hangResult(id: string): Promise<void> }).hangResult('result0001'),
    );
    for (const title of ['Zero-filled', 'Reconstruction', 'Reference', 'Reconstruction − Reference'])
      await page.locator('.viewport').getByText(title, { exact: true }).first().waitFor();
    await page
      .getByText(/twice the 128/)
      .first()
      .waitFor();
    await page.getByText('simulated k-space', { exact: false }).first().waitFor();
  });

  test('complains of nothing', () => {
    expect(viewer.problems).toEqual([]);
  });
});
