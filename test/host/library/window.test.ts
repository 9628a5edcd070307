import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSeries } from '../../../main/bench/ui-series.ts';
import { openLibrary, slicePixels } from './open-library.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-window-'));
  await writeSeries(folder, 6, 64);
});
afterAll(() => rm(folder, { recursive: true }));

test('the window of a derived series is in the units its pixels are given in', async () => {
  const { library, search } = openLibrary();
  const { items } = await search([folder]);
  const { components } = await library.describe(items[0]);
  const largest = Math.max(...(await slicePixels(library, items[0], 3)));
  // Shells of 100 to 900 with a little noise, whatever integers they were stored as.
  expect(largest).toBeGreaterThan(800);
  expect(largest).toBeLessThan(1000);
  const { window } = components[0];
  const top = (window?.centre ?? 0) + (window?.width ?? 0) / 2;
  expect(top).toBeGreaterThan(0.8 * largest);
  expect(top).toBeLessThan(1.2 * largest);
});
