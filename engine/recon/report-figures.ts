/** The picture sections of the report: methods side by side, errors, evidence, uncertainty, all slices. */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { type DisplayWindow, quantile, robustWindow } from './preview-window.ts';
import { html, htmlTable, number, raw } from './report-html.ts';
import {
  colourBar,
  errorPicture,
  evidencePicture,
  greyPicture,
  heatPicture,
  type Picture,
  priorShare,
} from './report-images.ts';
import { type PlaneView, planeViews } from './report-planes.ts';
import type { QualityMetrics, ReconstructionResult } from './result.ts';

const errorGain = 5;
const mostThumbnails = 24;

/** Few pictures are shown larger. */
function grid(figures: readonly string[]): string {
  const size = figures.length <= 3 ? ' few' : figures.length === 4 ? ' four' : '';
  return html`<div class="grid${size}">${raw(figures.join(''))}</div>`;
}

/** What the calibration table comes to. */
function verdict(rows: readonly { nominal: number; observed: number }[]): string {
  const gap = rows.reduce((sum, { nominal, observed }) => sum + observed - nominal, 0) / Math.max(1, rows.length);
  if (gap < -0.05) return 'The stated spread is too narrow here: true errors are larger than it says.';
  if (gap > 0.05) return 'The stated spread is wider than the true errors.';
  return 'The stated spread agrees with the true errors.';
}

/** Air to dense bone, and the usual window of soft tissue (centre 40, width 400), HU. */
const wholeWindow: DisplayWindow = { low: -1000, high: 1500 };
const softTissue: DisplayWindow = { low: -160, high: 240 };

export function commonWindow(result: ReconstructionResult): DisplayWindow {
  if (result.unit === 'HU') return wholeWindow;
  const { low, high } = robustWindow((result.reference ?? result.image).data);
  // Attenuation is not negative: what lies below is noise and streaks.
  return result.modality === 'CT' ? { low: 0, high } : { low, high };
}

function windowText({ low, high }: DisplayWindow, unit: ReconstructionResult['unit']): string {
  const range = `${number(low)} to ${number(high)}`;
  return unit === undefined || unit === 'arbitrary' ? `${range}, in the units of the input` : `${range} ${unit}`;
}

function figure(
  picture: Picture,
  title: string,
  detail: string,
  options: { main?: boolean; alt?: string; aspect?: number } = {},
): string {
  const { aspect } = options;
  const own = picture.width / picture.height;
  const stretched = aspect !== undefined && Math.abs(aspect / own - 1) > 0.005;
  const style = stretched ? ` style="aspect-ratio:${aspect.toFixed(4)}"` : '';
  return html`<figure${raw(options.main ? ' class="main"' : '')}><img class="scan"${raw(style)} src="${picture.url}" width="${picture.width}" height="${picture.height}" alt="${options.alt ?? title}"><figcaption><b>${title}</b>${detail === '' ? '' : ` ${detail}`}</figcaption></figure>`;
}

function bar(kind: 'heat' | 'prior', from: string, to: string): string {
  return html`<div class="bar"><span>${from}</span><img src="${colourBar(kind).url}" alt="colour scale from ${from} to ${to}" width="200" height="12"><span>${to}</span></div>`;
}

interface Shown {
  title: string;
  image: NdArray<'float32'>;
  metrics: QualityMetrics | undefined;
  main: boolean;
}

function shownImages(result: ReconstructionResult): Shown[] {
  return [
    ...result.baselines.map(({ title, image, metrics }) => ({ title, image, metrics, main: false })),
    { title: result.methodTitle, image: result.image, metrics: result.metrics, main: true },
  ];
}

const decibel = (metrics: QualityMetrics | undefined) =>
  metrics !== undefined && Number.isFinite(metrics.psnr) ? `${metrics.psnr.toFixed(2)} dB` : '';

/** Pictures of every method, and of the reference, in one plane and window. */
function planePictures(result: ReconstructionResult, view: PlaneView, window: DisplayWindow): string {
  const { aspect } = view;
  const images = shownImages(result).map(({ title, image, metrics, main }) =>
    figure(greyPicture(view.cut(image), 0, window), title, decibel(metrics), { main, aspect }),
  );
  if (result.reference !== undefined) {
    const detail = result.modality === 'CT' ? 'true image' : 'fully sampled';
    images.push(figure(greyPicture(view.cut(result.reference), 0, window), 'Reference', detail, { aspect }));
  }
  return grid(images);
}

function planeErrors(result: ReconstructionResult, view: PlaneView, window: DisplayWindow): string {
  const { reference } = result;
  if (reference === undefined) return '';
  const truth = view.cut(reference);
  return grid(
    shownImages(result).map(({ title, image, metrics, main }) =>
      figure(errorPicture(view.cut(image), truth, 0, window, errorGain), title, decibel(metrics), {
        main,
        alt: `Error of ${title}`,
        aspect: view.aspect,
      }),
    ),
  );
}

/** One plane after another, named where there are several. */
function planes(views: readonly PlaneView[], pictures: (view: PlaneView) => string): string {
  if (views.length === 1) return pictures(views[0]);
  return views.map((view) => html`<h3>${view.name}, ${view.place}</h3>${raw(pictures(view))}`).join('');
}

export function imageSection(result: ReconstructionResult): string {
  const window = commonWindow(result);
  const views = planeViews(result);
  const { unit } = result;
  const place = views.length > 1 ? '' : `${capital(views[0].place)}. `;
  const caption = `${place}One window for all pictures: ${windowText(window, unit)}.`;
  const soft =
    unit === 'HU'
      ? html`<h3>${views.length > 1 ? `${views[0].name}, ${views[0].place}, soft tissue` : 'Soft tissue'}</h3>${raw(
          planePictures(result, views[0], softTissue),
        )}<p class="soft">The same slice in the window ${windowText(softTissue, unit)}.</p>`
      : '';
  const errors =
    result.reference === undefined
      ? ''
      : html`<h2>Error, ×${errorGain}</h2>${raw(planes(views, (view) => planeErrors(result, view, window)))}${raw(
          bar('heat', '0', `${number((window.high - window.low) / errorGain)}${unit === 'HU' ? ' HU' : ''}`),
        )}<p class="soft">|image − reference|, shown with a gain of ${errorGain} against the window above.</p>`;
  return html`<h2>Images</h2>${raw(planes(views, (view) => planePictures(result, view, window)))}<p class="soft">${caption}</p>${raw(soft)}${raw(errors)}`;
}

function capital(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** Signal is counted from air, which is −1000 HU. */
function signalOf({ image, unit }: ReconstructionResult): NdArray<'float32'> {
  if (unit !== 'HU') return image;
  return ndarray(
    'float32',
    image.shape,
    image.data.map((value) => value + 1000),
  );
}

export function evidenceSection(result: ReconstructionResult): string {
  const { evidence, image } = result;
  if (evidence === undefined) return '';
  const share = number(100 * priorShare(signalOf(result), evidence));
  const window = commonWindow(result);
  const views = planeViews(result);
  const pictures = views.map((view) =>
    figure(
      evidencePicture(view.cut(image), view.cut(evidence), 0, window),
      views.length > 1 ? view.name : 'Evidence map',
      view.place,
      { alt: 'Image tinted where the prior supplied it', aspect: view.aspect },
    ),
  );
  const text = html`<p><span class="amber"></span> Amber shows what the measurement does not determine and the prior has filled in: ${share} % of this image’s signal. Grey is measured.</p>${raw(
    bar('prior', '0 %', '100 % from the prior'),
  )}<p class="soft">Fine detail in strongly coloured places is the model’s expectation. A finding there needs a second look at other data.</p>`;
  const body =
    views.length > 1
      ? html`${raw(grid(pictures))}<div>${raw(text)}</div>`
      : html`<div class="pair">${raw(pictures[0])}<div>${raw(text)}</div></div>`;
  return html`<h2>Evidence: measured, or supplied by the prior</h2>${raw(body)}`;
}

export function uncertaintySection(result: ReconstructionResult): string {
  const { std } = result;
  if (std === undefined) return '';
  const [view] = planeViews(result);
  const high = Math.max(quantile(std.data, 0.997), Number.MIN_VALUE);
  const calibration =
    result.calibration === undefined
      ? html`<p class="soft">Without a reference the spread cannot be checked against true errors.</p>`
      : html`<p>How often the true value lies inside the stated interval:</p>${raw(
          htmlTable(
            'Calibration',
            ['Stated', 'Observed'],
            result.calibration.map(({ nominal, observed }) => ({
              cells: [{ text: `${number(100 * nominal)} %` }, { text: `${number(100 * observed)} %` }],
            })),
          ),
        )}<p>${verdict(result.calibration)}</p>`;
  return html`<h2>Uncertainty</h2><div class="pair">${raw(
    figure(heatPicture(view.cut(std), 0, high), 'Standard deviation', view.place, { aspect: view.aspect }),
  )}<div><p>Standard deviation over posterior samples: where they disagree, the data leave room.</p>${raw(
    bar('heat', '0', number(high)),
  )}${raw(calibration)}</div></div>`;
}

export function stripSection(result: ReconstructionResult): string {
  const slices = result.image.shape[0];
  if (slices < 2) return '';
  const window = commonWindow(result);
  const [view] = planeViews(result);
  const shown = Math.min(slices, mostThumbnails);
  const figures = Array.from({ length: shown }, (_, i) => {
    const slice = Math.floor((i * slices) / shown);
    return figure(
      greyPicture(view.cut(result.image, slice), 0, window),
      String(result.sliceIndices[slice] ?? slice),
      '',
      {
        alt: `Slice ${result.sliceIndices[slice] ?? slice}`,
        aspect: view.aspect,
      },
    );
  });
  const title = shown < slices ? `${shown} of ${slices} slices` : 'All slices';
  return html`<h2>${title}</h2><div class="strip">${raw(figures.join(''))}</div>`;
}
