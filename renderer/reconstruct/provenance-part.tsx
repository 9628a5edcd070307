/** Where a result comes from, and how to compute it again. */
import { useSession } from '../app/session.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { Table } from '../components/table.tsx';
import { durationText } from '../jobs/duration-text.ts';
import { stageText } from '../jobs/job-words.ts';
import { CommandButton } from './command-button.tsx';
import { methodTitle } from './method-rows.ts';
import { replayFound, replayResult, useReplays } from './replays.ts';
import { replaySentence } from './result-sentences.ts';
import type { ResultPartProps } from './result-summary.tsx';

function Replay({ result }: { result: string }) {
  const id = useReplays((state) => state.jobs.get(result));
  const job = useSession((state) => (id === undefined ? undefined : state.jobs.get(id)));
  const outcome = replayFound(job);
  const running = job !== undefined && ['queued', 'running', 'paused', 'cancelling'].includes(job.state);
  return (
    <>
      <div className="button-row">
        <CommandButton result={result} />
        <Button icon={<Icon name="reset" size={16} />} isDisabled={running} onPress={() => void replayResult(result)}>
          Replay this result
        </Button>
      </div>
      {running && <ProgressBar label={`Replay: ${stageText(job)}`} value={job.fraction} />}
      {job?.state === 'failed' && <Notice tone="danger">{job.error?.message}</Notice>}
      {outcome !== undefined && (
        <Notice tone={outcome.equal ? 'ok' : 'warning'} live>
          {replaySentence(outcome)}
        </Notice>
      )}
    </>
  );
}

export function ProvenancePart({ item, record }: ResultPartProps) {
  const facts: [string, string][] = [
    ['Method', methodTitle(record.method)],
    ['Seed', String(record.seed)],
    ...(record.prior === null
      ? [['Prior', 'none'] as [string, string]]
      : ([
          ['Prior', record.prior.name],
          ['Weights', record.prior.hash.slice(0, 16)],
        ] as [string, string][])),
    ['Version', `Tangent ${record.tangent}`],
    ['Device', `${record.device}, ${record.threads} ${record.threads === 1 ? 'thread' : 'threads'}`],
    ['Network evaluations', String(record.nfe)],
    ['Time', `${durationText(record.seconds.total)}, sampling ${durationText(record.seconds.sample)}`],
    ['Source', `${record.source.format}, ${record.source.digest.slice(0, 12)}`],
    ...(record.job_hash === undefined ? [] : [['Job hash', record.job_hash.slice(0, 16)] as [string, string]]),
    ...(item.created === null ? [] : [['Made', new Date(item.created).toLocaleString()] as [string, string]]),
  ];
  return (
    <>
      <dl className="fact-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Replay result={item.id} />
      <Table
        label="Parameters"
        columns={[
          { id: 'name', title: 'Parameter' },
          { id: 'value', title: 'Value', numeric: true },
        ]}
        rows={Object.keys(record.parameters)
          .sort()
          .map((name) => {
            const value = record.parameters[name];
            return { id: name, cells: { name, value: typeof value === 'string' ? value : JSON.stringify(value) } };
          })}
      />
    </>
  );
}
