/** The viewer in Chromium on pixels that are known, by keyboard alone. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutChromium } from '../../browser/find-chromium.ts';
import { pixelsOf } from '../viewer-page/items.ts';
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
    const rising = async () => {
      const greys = (await page.evaluate(`(() => {
        const canvas = document.querySelector('[data-viewport="0"] canvas');
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, Math.floor(height / 2), width, 1);
        return Array.from({ length: width }, (_, x) => data[4 * x]);
      })()`)) as number[];
      const lit = greys.slice(greys.findIndex((grey) => grey > 8));
      return lit.slice(0, lit.indexOf(Math.max(...lit)));
    };
    // The picture comes with the frame after the one that fetched its pixels.
    await expect.poll(async () => (await rising()).length).toBeGreaterThan(200);
    const ramp = await rising();
    expect(ramp.every((grey, k) => k === 0 || grey >= ramp[k - 1] - 1)).toBe(true);
    expect(new Set(ramp).size).toBeGreaterThan(90);
    await focus();
    await page.keyboard.press('x');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const pixels = pixelsOf('ramp000001', 'image', 0) ?? new Float32Array(0);
    const [probe] = await measured(page);
    const { x, y } = probe.points[0];
    const value = pixels[y * 100 + x];
    const shown = async () => Number((await page.locator('.viewport-probe').first().innerText()).split('\n')[0]);
    await expect.poll(async () => Math.abs((await shown()) / value - 1)).toBeLessThan(1e-7);

    await page.keyboard.press('t');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const inside = [y, y + 1].flatMap((row) => [...pixels.subarray(row * 100 + x, row * 100 + x + 11)]);
    const mean = inside.reduce((sum, one) => sum + one, 0) / inside.length;
    const sd = Math.sqrt(inside.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (inside.length - 1));
    await page.keyboard.press('Control+m');
    await page.getByRole('row', { name: /Rectangle 1/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const table = await readFile(await download.path(), 'utf8');
    const saved = (name: string) =>
      Number(
        table
          .split('\r\n')
          .find((line) => line.includes(`,${name},`))
          ?.split(',')[6],
      );
    expect(Math.abs(saved('Mean') / mean - 1)).toBeLessThan(1e-7);
    expect(Math.abs(saved('SD') / sd - 1)).toBeLessThan(1e-7);
    expect(Math.abs(saved('Value') / value - 1)).toBeLessThan(1e-7);
    expect(saved('n')).toBe(22);
    await page.keyboard.press('Control+m');
    await focus();
    const drawn = await measured(page);
    expect(drawn.map(({ kind }) => kind)).toEqual(['probe', 'rectangle']);
    await page.keyboard.press('Control+z');
    expect(await measured(page)).toEqual(drawn.slice(0, 1));
    await page.keyboard.press('Control+z');
    expect(await measured(page)).toEqual([]);
    await page.keyboard.press('Control+Shift+z');
    await page.keyboard.press('Control+Shift+z');
    expect(await measured(page)).toEqual(drawn);
    // A point of the rectangle is taken, moved, and put back.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+M');
    await page.keyboard.press('Shift+M');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowLeft');
    expect((await measured(page))[1].points[0].x).toBe(drawn[1].points[0].x - 1);
    await page.keyboard.press('Control+z');
    expect(await measured(page)).toEqual(drawn);
    await page.keyboard.press('Delete');
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

  test('does the other rows by keyboard alone: presets, regions, series, pan, true size, links, lines, texts, blink', async () => {
    await showPart(page, 'long000001');
    await focus();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForTimeout(40);
    };
    const state = (path: string) => page.evaluate(`${path.replace(/^(\w+)/, '$1.getState()')}`);
    await press('2');
    expect(await view(page, 'window')).toEqual({ centre: -600, width: 1500 });
    await press('4');
    expect(await view(page, 'window')).toEqual({ centre: 480, width: 2500 });
    // A region round the middle, where the values run from 40 to 69.
    await press('Shift+W', 'Enter', 'Shift+ArrowLeft', 'Shift+ArrowUp', 'Enter');
    expect(await view(page, 'window')).toEqual({ centre: 54.5, width: 29 });
    expect(await state('useViewState.tool')).toBe('window');
    await press('Shift+0');
    expect(await view(page, 'scale')).toBeCloseTo((0.7 * 96) / 25.4, 6);
    await press('p', 'Alt+ArrowRight');
    expect(await view(page, 'pan')).toEqual({ x: 24, y: 0 });
    await press('z', 'Alt+ArrowRight');
    expect(await view(page, 'scale')).toBeCloseTo((1.1 * 0.7 * 96) / 25.4, 6);
    await press('w');
    await press('PageDown');
    await expect.poll(() => state('useWorkspace.contents[0].item')).toBe('holes00001');
    await press('PageUp');
    await expect.poll(() => state('useWorkspace.contents[0].item')).toBe('long000001');
    await press('n');
    expect(await state('useViewState.referenceLines')).toBe(false);
    await press('n', 'j');
    expect(await state('useSession.settings.cornerText')).toBe('short');
    await press('j', 'j', 'Shift+C');
    expect(await view(page, 'colours')).toBe('ember');
    await press('Control+l');
    await page.getByRole('menuitem', { name: /Windows/ }).waitFor();
    await press('Escape');
    await focus();
    await press('Control+2', 'ArrowRight');
    expect(await state('useWorkspace.active')).toBe(1);
    await press('ArrowLeft');
    await showPart(page, 'head000001', 'image', 0);
    await showPart(page, 'head000002', 'image', 1);
    const title = () => page.locator('[data-viewport="0"] .viewport-bottom-left').innerText();
    await expect.poll(title).toContain('T1 axial');
    await page.keyboard.down('b');
    await expect.poll(title).toContain('T1 sagittal');
    await page.keyboard.up('b');
    await expect.poll(title).toContain('T1 axial');
    await press('Shift+P');
    await page.getByRole('group', { name: /^Coronal, 129 of 256/ }).waitFor();
    const grey = () =>
      page.evaluate(
        `(() => { const c = document.querySelector('.mpr-plane canvas'); return c.getContext('2d').getImageData(128, 20, 1, 1).data[0]; })()`,
      );
    const mid = await grey();
    await press('5');
    await expect.poll(grey).not.toBe(mid);
    await press('Shift+P');
    await press('Shift+V');
    // Drawn, or said that it cannot be.
    await page.getByText(/triangles|offers no WebGL/).waitFor();
    await press('Escape');
    await page.locator('[data-viewport="0"]').waitFor();
    await press('Control+1');
    await press('Control+j', '7', 'Enter');
    expect(await view(page, 'slice')).toBe(6);
    await press('f');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft']) await press('Enter', `Shift+${key}`);
    await press('Enter', 'Enter');
    expect((await measured(page)).at(-1)).toMatchObject({ kind: 'freehand' });
    await press('Delete', 'Escape', 'Escape');
  });

  test('follows the mouse: window, slices, a length, a region, and one viewport alone', async () => {
    await page.keyboard.press('Control+2');
    await showPart(page, 'head000001', 'image', 0);
    await showPart(page, 'head000002', 'image', 1);
    const box = await page.locator('[data-viewport="0"]').boundingBox();
    if (box === null) throw new Error('the viewport is not on the screen');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const drag = async (dx: number, dy: number) => {
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + dx / 2, y + dy / 2);
      await page.mouse.move(x + dx, y + dy);
      await page.mouse.up();
    };
    const before = (await view(page, 'window')) as { centre: number; width: number };
    await drag(60, 0);
    const after = (await view(page, 'window')) as { centre: number; width: number };
    expect(after.width).toBeGreaterThan(before.width);
    expect(after.centre).toBe(before.centre);
    const slice = Number(await view(page, 'slice'));
    await page.mouse.wheel(0, 100);
    await expect.poll(() => view(page, 'slice')).toBe(slice + 1);
    await page.keyboard.down('Control');
    await drag(20, 20);
    await page.keyboard.up('Control');
    expect(((await view(page, 'window')) as { width: number }).width).toBeLessThan(before.width);
    await page.keyboard.press('d');
    const count = (await measured(page)).length;
    await drag(80, 40);
    const list = await measured(page);
    expect(list).toHaveLength(count + 1);
    const scale = Number(await view(page, 'scale'));
    const [from, to] = list[count].points;
    expect((to.x - from.x) * scale).toBeCloseTo(80, 3);
    expect((to.y - from.y) * scale).toBeCloseTo(40, 3);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.mouse.dblclick(x - 120, y + 20);
    await expect.poll(() => page.locator('.viewport:visible').count()).toBe(1);
    // Clear of the length, on the picture of the one that is left.
    await page.mouse.dblclick(box.x + box.width - 150, y + 20);
    await expect.poll(() => page.locator('.viewport:visible').count()).toBe(2);
    await page.keyboard.press('Control+1');
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
