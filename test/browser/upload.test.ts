/** Files chosen in the page reach the host: a folder stays one folder, and is shown as one series. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundledSeries } from '../../main/host/bundled-series.ts';
import { type OpenedPage, openPage, withoutChromium } from './open-page.ts';

describe.skipIf(withoutChromium('files handed over by the page'))('files handed over by the page', () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(async () => {
    await opened?.close();
  });

  test('a folder chosen in the browser’s dialog is opened as one series of 20 slices', async () => {
    const { page, studio, problems } = opened;
    const chooser = page.waitForEvent('filechooser');
    await page
      .getByRole('button', { name: /folder/i })
      .first()
      .click();
    await (await chooser).setFiles(bundledSeries('--scan'));
    await expect
      .poll(() => studio.host.services.library.list('').map(({ slices }) => slices), { timeout: 30_000 })
      .toEqual([20]);
    expect(problems).toEqual([]);
  });
});
