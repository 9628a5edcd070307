/** What a check found: in words, and the errors per noise level. */
import { z } from 'zod';
import type { JobRecord } from '../../main/host/api/job.ts';
import { Notice } from '../components/notice.tsx';
import { Table } from '../components/table.tsx';

const checkOutput = z.looseObject({
  verdict: z.array(z.string()).default([]),
  fit: z.looseObject({ message: z.string(), verdict: z.string() }).optional(),
  levels: z
    .array(z.looseObject({ sigma: z.number(), psnr: z.number(), reference: z.number().nullable(), ratio: z.number() }))
    .default([]),
});

const columns = [
  { id: 'sigma', title: 'Noise', numeric: true },
  { id: 'psnr', title: 'PSNR, dB', numeric: true },
  { id: 'reference', title: 'Card, dB', numeric: true },
  { id: 'ratio', title: 'Error ratio', numeric: true },
];

/** Verdicts of the fit; any other is a warning. */
const tones: Readonly<Record<string, 'ok' | 'info'>> = { typical: 'ok', unknown: 'info' };

export function PriorCheckResult({ job }: { job: JobRecord }) {
  if (job.error !== null)
    return (
      <Notice tone="danger" title={job.error.message}>
        {job.error.hint}
      </Notice>
    );
  if (job.state !== 'done' || job.output === null) return null;
  const parsed = checkOutput.safeParse(job.output);
  if (!parsed.success)
    return <Notice tone="info">The check is done; its record has a form this page does not know.</Notice>;
  const { verdict, fit, levels } = parsed.data;
  return (
    <div className="prior-check">
      {fit !== undefined && <Notice tone={tones[fit.verdict] ?? 'warning'}>{fit.message}</Notice>}
      {verdict.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {levels.length > 0 && (
        <Table
          label="Denoising at each noise level"
          columns={columns}
          rows={levels.map(({ sigma, psnr, reference, ratio }) => ({
            id: String(sigma),
            cells: {
              sigma: sigma.toPrecision(2),
              psnr: psnr.toFixed(1),
              reference: reference === null ? '–' : reference.toFixed(1),
              ratio: ratio.toFixed(2),
            },
          }))}
        />
      )}
    </div>
  );
}
