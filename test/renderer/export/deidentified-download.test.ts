/** The whole workstation in Chromium: the demo scan is opened, de-identified, downloaded, and searched for its identity. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { parseDataset } from '../../../engine/io/dicom/dataset.ts';
import { textOf } from '../../../engine/io/dicom/element-text.ts';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { openPage, withoutChromium } from '../../browser/open-page.ts';
import { brain } from '../../io/dicom/derived-example.ts';

describe.skipIf(withoutChromium('the download of a de-identified series'))('a de-identified download', () => {
  it('holds every image and nothing of the patient', async () => {
    const studio = await openPage();
    try {
      const { page } = studio;
      await page.getByRole('button', { name: /demo/i }).first().click();
      await page.getByRole('row').first().click();
      await page.keyboard.press('Alt+x');
      await page.getByRole('button', { name: 'Make the files' }).click();
      const link = page.getByRole('link', { name: /\.zip/ });
      await link.waitFor({ timeout: 90_000 });
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      expect(download.suggestedFilename()).toBe('dicom-deidentified-image.zip');
      const files = unzipSync(new Uint8Array(readFileSync(await download.path())));
      expect(Object.keys(files)).toHaveLength(20);
      const originals = brain.dicom?.slices.map(({ instance }) => instance.elements) ?? [];
      const traits = new Set(
        originals.flatMap((elements) =>
          [0x00080018, 0x0020000d, 0x0020000e, 0x00200052, 0x00100010, 0x00100020, 0x00080020, 0x00080050].map((tag) =>
            textOf(elements, tag),
          ),
        ),
      );
      traits.delete('');
      expect(traits.size).toBeGreaterThan(22);
      for (const [name, bytes] of Object.entries(files)) {
        const found = [...traits].filter((trait) => Buffer.from(bytes).includes(trait, 0, 'latin1'));
        expect([name, found]).toEqual([name, []]);
        expect(textOf(carriedElements(parseDataset(bytes)), 0x00120062)).toBe('YES');
      }
      expect(studio.problems).toEqual([]);
    } finally {
      await studio.close();
    }
  }, 120_000);
});
