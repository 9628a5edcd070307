/** Scans of a batch: how each stands, and what came out. */
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { JobRecord } from '../../main/host/api/job.ts';
import { useSession } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { Table } from '../components/table.tsx';
import { durationText } from '../jobs/duration-text.ts';
import { showItem } from '../library/show-item.ts';
import { figure } from '../reconstruct/result-sentences.ts';

type Row = JobRecord['rows'][number];

const tones = { waiting: 'plain', running: 'accent', done: 'ok', failed: 'danger', skipped: 'plain' } as const;
const words = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  skipped: 'done before',
} as const;

/** "12 done, 1 failed, 3 waiting". */
export function rowsSummary(rows: readonly Row[]): string {
  const counts = (['done', 'skipped', 'failed', 'running', 'waiting'] as const).map(
    (state) => [rows.filter((row) => row.state === state).length, words[state]] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return parts.length === 0 ? 'No scan found yet' : parts.join(', ');
}

function Thumbnail({ result }: { result: string }) {
  const item = useSession((state) => state.items.get(result));
  if (item?.thumbnail !== true) return null;
  return <img className="batch-thumbnail" src={dataRoutes.thumbnail(item.id, item.revision)} alt="" />;
}

function Name({ row }: { row: Row }) {
  const { result } = row;
  return (
    <span className="batch-name">
      {result !== null && <Thumbnail result={result} />}
      {result === null ? (
        row.name
      ) : (
        <Button
          variant="quiet"
          className="table-button"
          aria-label={`Open ${row.name}`}
          onPress={() => void showItem(result)}
        >
          {row.name}
        </Button>
      )}
    </span>
  );
}

function State({ row }: { row: Row }) {
  if (row.state === 'running')
    return (
      <ProgressBar
        label={`Progress of ${row.name}`}
        hideLabel
        value={row.fraction}
        detail={`${Math.round(100 * row.fraction)} %`}
      />
    );
  return (
    <span className="batch-state">
      <Badge tone={tones[row.state]}>{words[row.state]}</Badge>
      {row.warnings > 0 && (
        <Badge tone="warning">{`${row.warnings} ${row.warnings === 1 ? 'warning' : 'warnings'}`}</Badge>
      )}
      {row.error !== null && <span className="batch-error">{row.error}</span>}
    </span>
  );
}

export function BatchRows({ job }: { job: JobRecord }) {
  return (
    <Table
      label="Scans of the batch"
      columns={[
        { id: 'name', title: 'Scan' },
        { id: 'state', title: 'State' },
        { id: 'psnr', title: 'PSNR, dB', numeric: true },
        { id: 'residual', title: 'Residual', numeric: true },
        { id: 'seconds', title: 'Time', numeric: true },
      ]}
      rows={job.rows.map((row, index) => ({
        id: `${index} ${row.name}`,
        cells: {
          name: <Name row={row} />,
          state: <State row={row} />,
          psnr: row.psnr === null ? '–' : row.psnr.toFixed(2),
          residual: row.residual === null ? '–' : figure(row.residual),
          seconds: row.seconds === null ? '–' : durationText(row.seconds),
        },
      }))}
      empty="No scan found yet."
    />
  );
}
