/**
 * `tangent bench ui`: what a reader of images feels, in real Chromium with software rendering.
 *
 *     first image   500 mixed files below a folder, 20 of them no images: from the order to open until pixels are drawn
 *     scrolling     256 slices of 512 squared, turned by the wheel: time between frames, beside an idle page
 *     soak          --soak MINUTES: open, reconstruct, look, close, again; memory of page and host at both ends
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { parseOptions } from './parse-options.ts';
import { type BenchPage, openBenchPage } from './ui-page.ts';
import { writeMixedFolder, writeSeries } from './ui-series.ts';
import { type SoakReport, soak } from './ui-soak.ts';

export const summary = 'First image of a large folder and scrolling, in real Chromium; --soak MINUTES for memory.';

const schema = z.object({
  slices: z.coerce.number().int().min(2).max(2048).default(256),
  size: z.coerce.number().int().min(16).max(2048).default(512),
  files: z.coerce.number().int().min(8).max(20_000).default(500),
  soak: z.coerce.number().min(0).max(600).default(0),
});

export interface UiReport {
  firstImage: {
    files: number;
    items: number;
    skipped: number;
    seconds: number;
    scanSeconds: number;
    ratioToBar: number;
  };
  scrolling: {
    slices: number;
    size: number;
    shown: number;
    idleMs: number;
    medianMs: number;
    p95Ms: number;
    worstMs: number;
    ratioToBar: number;
  };
  soak: SoakReport | null;
}

/** Bars of the workstation: seconds to the first image, milliseconds between frames. */
const firstImageBar = 2;
const frameBar = 50;

/** Resolves once a canvas of the page holds something bright. Runs in the page, where the types of this file do not reach. */
const untilDrawn = `new Promise((resolve) => {
  const look = () => {
    for (const canvas of document.querySelectorAll('canvas')) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let k = 0; k < data.length; k += 16) if (data[k] > 40) return resolve(Date.now());
    }
    setTimeout(look, 15);
  };
  look();
})`;

async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new EngineError('internal', `${what} did not happen in ${limitMs / 1000} s`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function firstImage({ page, host }: BenchPage, folder: string, files: number): Promise<UiReport['firstImage']> {
  const finished = new Promise<{ items: number; skipped: number; at: number }>((resolve) => {
    const stop = host.subscribe((event) => {
      if (event.type !== 'open' || event.progress.state === 'running') return;
      stop();
      resolve({ items: event.progress.items.length, skipped: event.progress.skipped, at: Date.now() });
    });
  });
  const drawn = page.evaluate(untilDrawn) as Promise<number>;
  const began = Date.now();
  host.services.library.open([folder]);
  const at = await within(60_000, 'the first image', drawn);
  const { items, skipped, at: scanned } = await within(120_000, 'the end of the scan', finished);
  const seconds = (at - began) / 1000;
  return { files, items, skipped, seconds, scanSeconds: (scanned - began) / 1000, ratioToBar: seconds / firstImageBar };
}

/** Begins to note the time between frames; the page's own handle on it is `frameTimes`. */
const beginFrames = `(() => {
  globalThis.frameTimes = [];
  let before = performance.now();
  const step = (now) => {
    globalThis.frameTimes.push(now - before);
    before = now;
    globalThis.frameHandle = requestAnimationFrame(step);
  };
  globalThis.frameHandle = requestAnimationFrame(step);
})()`;
const endFrames = `(cancelAnimationFrame(globalThis.frameHandle), globalThis.frameTimes.slice(2))`;

async function frames(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(beginFrames);
  await act();
  return page.evaluate(endFrames) as Promise<number[]>;
}

const quantile = (values: readonly number[], q: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};

/** Slice the viewport names itself with, from 1. */
async function sliceShown(page: Page): Promise<number> {
  const name = await page
    .getByRole('group', { name: /slice \d+ of/ })
    .first()
    .getAttribute('aria-label');
  return Number(/slice (\d+) of/.exec(name ?? '')?.[1] ?? Number.NaN);
}

async function scrolling(
  { page, host }: BenchPage,
  folder: string,
  slices: number,
  size: number,
): Promise<UiReport['scrolling']> {
  const drawn = page.evaluate(untilDrawn);
  host.services.library.open([folder]);
  await within(60_000, 'the series', drawn);
  const view = page.locator('canvas').first();
  const box = await view.boundingBox();
  if (box === null) throw new EngineError('internal', 'the viewport has no place on the page');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.press('Home');
  const idle = await frames(page, () => page.waitForTimeout(1000));
  const first = await sliceShown(page);
  const scrolled = await frames(page, async () => {
    for (let k = 1; k < slices; k++) {
      await page.mouse.wheel(0, 100);
      await page.waitForTimeout(16);
    }
  });
  await page.waitForTimeout(1500);
  const worst = Math.max(...scrolled);
  return {
    slices,
    size,
    shown: (await sliceShown(page)) - first + 1,
    idleMs: quantile(idle, 0.5),
    medianMs: quantile(scrolled, 0.5),
    p95Ms: quantile(scrolled, 0.95),
    worstMs: worst,
    ratioToBar: worst / frameBar,
  };
}

/** Options: --slices, --size, --files, --soak MINUTES. */
export async function run(args: readonly string[], context: BenchContext): Promise<UiReport> {
  const options = parseOptions(schema, args);
  const folder = await mkdtemp(join(tmpdir(), 'tangent-ui-'));
  let bench: BenchPage | undefined;
  const fresh = async () => {
    await bench?.close();
    bench = await openBenchPage(context.note);
    return bench;
  };
  try {
    context.note('writing series …');
    await writeMixedFolder(join(folder, 'mixed'), options.files - 20, 20);
    await writeSeries(join(folder, 'series'), options.slices, options.size);
    const opened = await firstImage(await fresh(), join(folder, 'mixed'), options.files);
    const scrolled = await scrolling(await fresh(), join(folder, 'series'), options.slices, options.size);
    const soaked = options.soak > 0 ? await soak(await fresh(), options.soak, context) : null;
    const ms = (value: number) => `${value.toFixed(1)} ms`;
    context.print(
      table(
        ['what', 'figure', 'bar', 'ratio'],
        [
          [
            'first image',
            `${opened.seconds.toFixed(2)} s (scan ${opened.scanSeconds.toFixed(2)} s, ${opened.items} series, ${opened.skipped} others)`,
            `${firstImageBar} s`,
            opened.ratioToBar.toFixed(2),
          ],
          [
            'worst frame',
            `${ms(scrolled.worstMs)} (median ${ms(scrolled.medianMs)}, 95 % ${ms(scrolled.p95Ms)}, idle ${ms(scrolled.idleMs)}; ${scrolled.shown} of ${options.slices} slices)`,
            ms(frameBar),
            scrolled.ratioToBar.toFixed(2),
          ],
          ...(soaked === null ? [] : soaked.rows),
        ],
      ),
    );
    return { firstImage: opened, scrolling: scrolled, soak: soaked };
  } finally {
    await bench?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
