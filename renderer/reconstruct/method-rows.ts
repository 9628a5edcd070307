/** The result beside the methods it was compared with. */

import type { ResultRecord } from './result-record.ts';
import { figure } from './result-sentences.ts';

const titles: Readonly<Record<string, string>> = {
  'zero-filled': 'Zero-filled',
  'cg-sense': 'CG-SENSE',
  'l1-wavelet': 'l1-wavelet',
  tv: 'Total variation',
  fbp: 'FBP',
  fdk: 'FDK',
  dds: 'DDS',
};
export const methodTitle = (id: string) => titles[id] ?? id;

export interface MethodRow {
  id: string;
  title: string;
  main: boolean;
  psnr: string;
  ssim: string;
  nmse: string;
  residual: string;
  /** Figures that are the best of their column. */
  best: readonly ('psnr' | 'ssim' | 'nmse')[];
}

const psnrText = (psnr: number | null) => (psnr === null ? '∞' : psnr.toFixed(2));

/** The result first, then the methods it was compared with. */
export function methodRows(record: ResultRecord): MethodRow[] {
  const all = [
    { id: record.method, main: true, metrics: record.metrics, residual: record.residual.relative },
    ...Object.entries(record.baselines).map(([id, one]) => ({
      ...{ id, main: false, metrics: one.metrics },
      residual: one.residual?.relative,
    })),
  ];
  const scored = all.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics]));
  const top = {
    psnr: Math.max(...scored.map(({ psnr }) => psnr ?? Number.POSITIVE_INFINITY)),
    ssim: Math.max(...scored.map(({ ssim }) => ssim)),
    nmse: Math.min(...scored.map(({ nmse }) => nmse)),
  };
  return all.map(({ id, main, metrics, residual }) => ({
    id,
    title: methodTitle(id),
    main,
    psnr: metrics === undefined ? '–' : psnrText(metrics.psnr),
    ssim: metrics === undefined ? '–' : metrics.ssim.toFixed(4),
    nmse: metrics === undefined ? '–' : String(Number(metrics.nmse.toPrecision(3))),
    residual: residual === undefined ? '–' : figure(residual),
    best:
      metrics === undefined || scored.length < 2
        ? []
        : (['psnr', 'ssim', 'nmse'] as const).filter(
            (name) => (metrics[name] ?? Number.POSITIVE_INFINITY) === top[name],
          ),
  }));
}
