/** The tables and the curve of the report. */
import { residualCurve } from './report-curve.ts';
import { type Cell, html, htmlTable, number, raw } from './report-html.ts';
import type { QualityMetrics, ReconstructionResult } from './result.ts';

interface Row {
  title: string;
  main: boolean;
  metrics: QualityMetrics | undefined;
  residual: number | undefined;
  nfe: number;
  seconds: number;
}

export function factsSection(result: ReconstructionResult, version: string): string {
  const facts: [string, string][] = [
    ['Method', result.method],
    ['Prior', result.prior?.name ?? 'none'],
    ...(result.prior === undefined ? [] : [['Weights', result.prior.hash.slice(0, 16)] as [string, string]]),
    ...(result.fit === undefined ? [] : [['Fit to the prior', fitText(result.fit)] as [string, string]]),
    ...(result.beam === undefined
      ? [
          [
            'Measured',
            `${number(100 * result.measuredFraction)} % (R ${(1 / result.measuredFraction).toFixed(2)})`,
          ] as [string, string],
        ]
      : beamFacts(result.beam, result.measuredFraction)),
    ['Seed', String(result.seed)],
    ['Device', `${result.device}, ${result.threads} ${result.threads === 1 ? 'thread' : 'threads'}`],
    ['Network evaluations', String(result.nfe)],
    [
      'Spacing z, y, x',
      result.spacingMm === undefined ? 'not stated' : `${result.spacingMm.map(number).join(' × ')} mm`,
    ],
    ...(result.unit === undefined ? [] : [['Unit', result.unit] as [string, string]]),
    ['Source', `${result.source.format}, digest ${result.source.digest.slice(0, 12)}`],
    ['Version', `Tangent ${version}`],
  ];
  const items = facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<dl class="facts">${raw(items.join(''))}</dl>`;
}

const centreSources = { option: 'as given', file: 'from the file', data: 'found from the data', middle: 'the middle' };

function beamFacts(beam: NonNullable<ReconstructionResult['beam']>, fraction: number): [string, string][] {
  const { kind, curved, views, measuredViews, arcDeg, centre, centreFrom, photons } = beam;
  const chosen = views === measuredViews ? '' : ` of ${measuredViews} measured`;
  return [
    ['Beam', `${kind}${curved ? ', curved detector' : ''}`],
    ['Views', `${views}${chosen}, over ${number(arcDeg)}°`],
    ['Measured', `${number(100 * fraction)} % of a full scan`],
    ['Rotation axis', `detector ${number(centre)}, ${centreSources[centreFrom]}`],
    ...(photons === null ? [] : [['Photons per ray', number(photons)] as [string, string]]),
  ];
}

/** "typical, percentile 12; upright". */
function fitText({ verdict, percentile, orientation }: NonNullable<ReconstructionResult['fit']>): string {
  if (percentile === null) return 'not known: the prior has no fit model';
  const turn = orientation.best === null ? '' : `; ${orientation.best.replaceAll('-', ' ')}`;
  return `${verdict}, percentile ${percentile.toFixed(0)}${turn}`;
}

function rowsOf(result: ReconstructionResult): Row[] {
  const rows: Row[] = result.baselines.map((baseline) => ({
    title: baseline.title,
    main: false,
    metrics: baseline.metrics,
    residual: baseline.residual?.relative,
    nfe: baseline.nfe,
    seconds: baseline.seconds,
  }));
  rows.push({
    title: result.methodTitle,
    main: true,
    metrics: result.metrics,
    residual: result.residual.relative,
    nfe: result.nfe,
    seconds: result.seconds.sample,
  });
  return rows;
}

export function methodsTable(result: ReconstructionResult, times: boolean): string {
  if (result.baselines.length === 0 && result.metrics === undefined) return '';
  const rows = rowsOf(result);
  const scored = rows.some((row) => row.metrics !== undefined);
  const best = (score: (m: QualityMetrics) => number) =>
    Math.max(...rows.flatMap((row) => (row.metrics === undefined ? [] : [score(row.metrics)])));
  const top = { psnr: best((m) => m.psnr), ssim: best((m) => m.ssim), nmse: best((m) => -m.nmse) };
  const marked = (text: string, isBest: boolean): Cell => (isBest ? { text, css: 'best' } : { text });
  const body = rows.map(({ title, main, metrics, residual, nfe, seconds }) => ({
    css: main ? 'main' : undefined,
    cells: [
      { text: title },
      ...(scored
        ? metrics === undefined
          ? [{ text: '–' }, { text: '–' }, { text: '–' }]
          : [
              marked(Number.isFinite(metrics.psnr) ? metrics.psnr.toFixed(2) : '∞', metrics.psnr === top.psnr),
              marked(metrics.ssim.toFixed(4), metrics.ssim === top.ssim),
              marked(metrics.nmse.toFixed(5), -metrics.nmse === top.nmse),
            ]
        : []),
      { text: residual === undefined ? '–' : number(residual) },
      { text: nfe === 0 ? '–' : String(nfe) },
      ...(times ? [{ text: seconds < 9.95 ? seconds.toFixed(2) : seconds.toFixed(1) }] : []),
    ],
  }));
  const header = [
    'Method',
    ...(scored ? ['PSNR (dB)', 'SSIM', 'NMSE'] : []),
    'Residual',
    'Network evaluations',
    ...(times ? ['Seconds'] : []),
  ];
  const note = scored
    ? 'PSNR, SSIM and NMSE against the reference, by fastMRI’s definitions over all slices; the best of each is coloured. Residual: ‖Ax − y‖/‖y‖.'
    : 'Residual: ‖Ax − y‖/‖y‖, how far the image is from its measurement.';
  return html`<h2>${rows.length > 1 ? 'Methods compared' : 'Quality'}</h2>${raw(htmlTable('Methods compared', header, body))}<p class="soft">${note}</p>`;
}

export function curveSection(result: ReconstructionResult): string {
  const slices = [...new Set(result.curve.map((row) => row.slice))];
  if (slices.length === 0) return '';
  const slice = slices[Math.floor(slices.length / 2)];
  const svg = residualCurve(
    result.curve.filter((row) => row.slice === slice),
    result.residual.expected,
  );
  if (svg === '') return '';
  const text = `Relative residual ‖Ax − y‖/‖y‖ at each step, slice ${slice}. The network alone drifts from the measurement; the data step brings it back.`;
  const plain = `Relative residual ‖Ax − y‖/‖y‖ at each step, slice ${slice}.`;
  return html`<h2>Residual</h2>${raw(svg)}<p class="soft">${result.curve.some((row) => row.before !== null) ? text : plain}</p>`;
}

/** All data first, then from the centre of k-space outwards, then coil by coil as they come. */
function rank(part: string): number {
  const order = ['all', 'centre', 'middle', 'edge'].indexOf(part);
  return order < 0 ? Number.MAX_SAFE_INTEGER : order;
}

/** Parts whose residual is more than twice the noise, by name. */
function exceptions(rows: ReconstructionResult['consistency']): string {
  const parts = rows.filter((row) => row.expected !== null && row.expected > 0 && row.residual > 2 * row.expected);
  return parts.length === 0
    ? ''
    : ` More than twice the noise remains in: ${parts.map(({ part }) => part).join(', ')}.`;
}

export function consistencySection(result: ReconstructionResult): string {
  const { relative, expected } = result.residual;
  const rows = [...result.consistency].sort((a, b) => rank(a.part) - rank(b.part));
  if (!rows.some((row) => row.part === 'all')) rows.unshift({ part: 'all', residual: relative, expected });
  const body = rows.map((row) => ({
    css: row.part === 'all' ? 'main' : undefined,
    cells: [
      { text: row.part },
      { text: number(row.residual) },
      { text: row.expected === null ? 'unknown' : number(row.expected) },
      { text: row.expected === null || row.expected === 0 ? '–' : number(row.residual / row.expected) },
    ],
  }));
  const verdict =
    expected === null || expected === 0
      ? 'The noise level is not known, so the residual can only be compared between methods.'
      : relative > 2 * expected
        ? 'The image explains its measurement worse than the noise allows. Look at it with care.'
        : `The image as a whole explains its measurement as well as the noise allows.${exceptions(rows)}`;
  return html`<h2>Consistency with the measurement</h2><p>${verdict}</p>${raw(
    htmlTable('Consistency', ['Part of the data', 'Residual', 'Noise level', 'Ratio'], body),
  )}`;
}

export function parametersSection(result: ReconstructionResult, command: string): string {
  const rows = Object.keys(result.parameters)
    .sort()
    .map((name) => {
      const value = result.parameters[name];
      const text =
        typeof value === 'number' ? number(value) : typeof value === 'string' ? value : JSON.stringify(value);
      return { cells: [{ text: name }, { text }] };
    });
  const table = htmlTable('Parameters', ['Parameter', 'Value'], rows);
  return html`<h2>Compute it again</h2><p class="soft">The same input, options, device and version give the same files.</p><pre>${command}</pre><details><summary>All ${rows.length} parameters</summary>${raw(table)}</details>`;
}
