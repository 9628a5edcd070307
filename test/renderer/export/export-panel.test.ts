/** The export panel in Chromium: formats, what goes with the files, the look at the pixels, progress, downloads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChromium } from '../../browser/find-chromium.ts';
import { callsOf } from '../shell/open-shell.ts';
import { type ExportPage, openExportPage } from './open-export.ts';

interface Scope {
  fake: { emit(event: unknown): void; job(change: object): object };
  changeView(index: number, change: object): void;
  useMeasurements: { setState(state: object): void };
  useWorkspace: { getState(): { show(content: object): void } };
  useSession: {
    setState(state: object): void;
    getState(): { descriptions: Map<string, object>; app: object; items: Map<string, object> };
  };
}

const emitJob = (page: Page, change: object) =>
  page.evaluate((changed) => {
    const { fake } = globalThis as unknown as Scope;
    fake.emit({ type: 'job', job: fake.job({ kind: 'export', ...changed }) });
  }, change);

/** Changes the description the panel sees. */
const describeAs = (page: Page, id: string, change: object) =>
  page.evaluate(
    ([item, changed]) => {
      const { useSession } = globalThis as unknown as Scope;
      const { descriptions } = useSession.getState();
      useSession.setState({
        descriptions: new Map([
          ...descriptions,
          [item, { ...descriptions.get(item as string), ...(changed as object) }],
        ]),
      });
    },
    [id, change] as const,
  );

const make = (page: Page) => page.getByRole('button', { name: 'Make the files' });
const review = (page: Page) => page.getByRole('button', { name: /Check the pixels for text/ });

describe.skipIf(withoutChromium('the export panel'))('the export panel', () => {
  let panel: ExportPage;
  beforeAll(async () => {
    panel = await openExportPage();
  }, 60_000);
  afterAll(async () => {
    await panel?.close();
  });

  it('offers a series what it can be, and says why not the rest', async () => {
    const page = await panel.open('series0001');
    await page.getByRole('radio', { name: /^De-identified DICOM/ }).waitFor();
    expect(await page.getByRole('radio', { name: /^De-identified DICOM/ }).isChecked()).toBe(true);
    for (const name of [
      /^DICOM.*This series is DICOM already/,
      /^Measurements.*Draw a length/,
      /^Report.*Only reconstructions/,
    ])
      expect(await page.getByRole('radio', { name }).isDisabled()).toBe(true);
    await page.close();
  });

  it('sends what was chosen: format, shifted dates, reviewed pixels', async () => {
    const page = await panel.open('series0001');
    await page.getByText('Keep dates, shifted').click();
    await review(page).click();
    const word = page.getByRole('checkbox', { name: /I have looked/ });
    await expect.poll(() => word.isDisabled()).toBe(false);
    await page.getByText('I have looked').click();
    await make(page).click();
    await expect.poll(() => callsOf(page, 'jobs.start')).toHaveLength(1);
    expect((await callsOf(page, 'jobs.start'))[0]).toMatchObject({
      kind: 'export',
      item: 'series0001',
      format: 'dicom-deidentified',
      shiftDates: true,
      pixelsReviewed: true,
    });
    await page.close();
  });

  it('a refusal opens the review; ultrasound cannot be sent before it', async () => {
    const page = await panel.open('series0001');
    await make(page).click();
    await emitJob(page, {
      state: 'failed',
      error: {
        code: 'untrusted',
        message: 'the file says that text is burned into the pixels',
        hint: 'Look at every picture.',
        path: null,
      },
    });
    await page.getByText('Held back').waitFor();
    await page.getByRole('slider', { name: 'Slice' }).waitFor();
    expect(await page.getByRole('button', { name: 'Enlarge slice 30' }).isVisible()).toBe(true);
    await page.close();

    const other = await panel.open('series0002');
    await other.getByRole('radio', { name: /^NIfTI/ }).waitFor();
    await describeAs(other, 'series0002', { modality: 'US' });
    await other.getByText('Look at the pixels first.').waitFor();
    expect(await make(other).isDisabled()).toBe(true);
    await other.getByText('I have looked').click();
    await expect.poll(() => make(other).isDisabled()).toBe(false);
    await other.close();
  });

  it('says what goes with the files, warnings first of all', async () => {
    const page = await panel.open('result0001');
    await page.getByRole('radio', { name: /^DICOM/ }).waitFor();
    const message = 'The image does not explain its data.';
    await describeAs(page, 'result0001', {
      result: { simulated: true, prior: { name: 'brain-mri' }, warnings: [{ code: 'data-fit', message }] },
    });
    await page.getByText('One warning goes with them').waitFor();
    for (const text of [
      message,
      'Simulated k-space',
      'Contains detail generated by a model (brain-mri)',
      'Name, number and study of the patient go with the files.',
    ])
      expect(await page.getByText(text).isVisible()).toBe(true);
    await page.getByRole('radio', { name: /^NumPy/ }).click({ force: true });
    await page.getByText('No name, number or date of the patient.').waitFor();
    expect(await page.getByText(message).isVisible()).toBe(true);
    await page.close();
  });

  it('shows progress, cancels, and hands out downloads', async () => {
    const page = await panel.open('result0001');
    await make(page).click();
    await emitJob(page, { state: 'running', fraction: 0.4, stage: 'writing DICOM' });
    await page.getByRole('progressbar', { name: 'Exporting' }).waitFor();
    expect(await make(page).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => callsOf(page, 'jobs.cancel')).toHaveLength(1);
    const downloads = [{ key: 'abc-0', name: 'dicom-image.zip', bytes: 3_456_789 }];
    await emitJob(page, { state: 'done', fraction: 1, downloads });
    const link = page.getByRole('link', { name: /dicom-image\.zip/ });
    expect(await link.getAttribute('href')).toBe('/data/download/abc-0');
    expect(await link.getAttribute('download')).toBe('dicom-image.zip');
    await page.close();
  });

  it('measurements and the slice looked at come from the viewports', async () => {
    const page = await panel.open('series0001');
    await page.getByRole('radio', { name: /^NIfTI/ }).waitFor();
    const row = { kind: 'probe', label: 'spot', slice: 2, component: 'image' };
    await page.evaluate((drawn) => {
      const { changeView, useMeasurements, useWorkspace } = globalThis as unknown as Scope;
      const points = [{ x: 150, y: 180 }];
      useMeasurements.setState({ list: [{ ...drawn, id: 'm1', item: 'series0001', points }] });
      useWorkspace.getState().show({ item: 'series0001', component: 'image' });
      changeView(0, { shown: 4, window: { centre: 40, width: 400 } });
    }, row);
    await page.getByRole('radio', { name: /^Measurements/ }).click({ force: true });
    await page.getByText('One measurement on this item.').waitFor();
    await make(page).click();
    await page.getByRole('radio', { name: /^Picture/ }).click({ force: true });
    expect(await page.getByText('Slice 5').isVisible()).toBe(true);
    await emitJob(page, { state: 'done', fraction: 1 });
    await make(page).click();
    await expect.poll(() => callsOf(page, 'jobs.start')).toHaveLength(2);
    expect(await callsOf(page, 'jobs.start')).toMatchObject([
      {
        format: 'dicom-sr',
        measurements: [{ ...row, points: [[150, 180]], values: [{ name: 'Value', value: 620, unit: 'arbitrary' }] }],
      },
      { format: 'png', picture: { slice: 4, centre: 40, width: 400 } },
    ]);
    await page.close();
  });

  it('the desktop asks for a folder; thinking better of it starts nothing', async () => {
    const page = await panel.open('result0001', '?host=electron');
    await page.getByRole('button', { name: 'Choose a folder and save' }).click();
    await expect.poll(() => callsOf(page, 'files.choose')).toEqual([{ purpose: 'save-folder' }]);
    expect(await callsOf(page, 'jobs.start')).toEqual([]);
    await page.close();
  });

  it('items that cannot be read say so', async () => {
    const page = await panel.open('broken0001');
    await page.getByText('This item cannot be exported').waitFor();
    await page.close();
  });

  it.each(['dark', 'light'])('has no violation in the %s theme, review open', async (theme) => {
    const page = await panel.open('series0001', `?theme=${theme}`);
    await review(page).click();
    await page.getByRole('slider', { name: 'Slice' }).waitFor();
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
        }
      ).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
    );
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))])).toEqual([]);
    await page.close();
  });

  it('nothing was complained about', () => {
    expect(panel.problems).toEqual([]);
  });
});
