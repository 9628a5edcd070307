/** One prior: facts of its model card, a warning where nothing is known of its licence, and its check on a scan. */
import type { CallOutput } from '../../main/host/api/api.ts';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Notice } from '../components/notice.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { PriorCheckResult } from './prior-check-result.tsx';

type Card = CallOutput<'catalogue.priors'>['priors'][number];

const million = (n: number) => (n >= 1e6 ? `${(n / 1e6).toFixed(1)} million` : String(n));

export function PriorCardView({ prior }: { prior: Card }) {
  const jobs = useSession((state) => state.jobs);
  const selected = useSession((state) => (state.selected === null ? undefined : state.items.get(state.selected)));
  const checks = [...jobs.values()]
    .filter(({ kind, title }) => kind === 'prior-check' && title.includes(prior.name))
    .sort((a, b) => b.created.localeCompare(a.created));
  const [check] = checks;
  const running = check !== undefined && ['queued', 'running', 'cancelling'].includes(check.state);
  const usable = selected !== undefined && selected.kind !== 'solution' && selected.problem === null;
  const start = (item?: string) => {
    host()
      .call('jobs.start', { kind: 'prior-check', prior: prior.name, ...(item === undefined ? {} : { item }) })
      .catch(toastError);
  };
  return (
    <li className="prior">
      <header className="prior-head">
        <div>
          <h3>{prior.title}</h3>
          <p className="field-help">{prior.name}</p>
        </div>
        <Badge tone="accent">{prior.modality === 'mri' ? 'MR' : prior.modality.toUpperCase()}</Badge>
      </header>
      <p>{prior.summary}</p>
      {!prior.licenceKnown && (
        <Notice tone="warning" title="Licence unknown">
          Nothing is recorded about the right to use these weights. Ask whoever gave them to you before you publish or
          share results.
        </Notice>
      )}
      <dl className="facts">
        <div>
          <dt>Licence</dt>
          <dd>{prior.licence || 'unknown'}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>
            {million(prior.parameters)} parameters, {prior.channels} {prior.channels === 1 ? 'channel' : 'channels'}
          </dd>
        </div>
        <div>
          <dt>Weights</dt>
          <dd className="facts-code">{prior.hash.slice(0, 16)}</dd>
        </div>
      </dl>
      {prior.facts.length > 0 && (
        <Disclosure title="Training data, use and limits">
          <dl className="facts">
            {prior.facts.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Disclosure>
      )}
      <div className="prior-actions">
        <Button isDisabled={running} onPress={() => start()}>
          Check on its own scan
        </Button>
        <Button isDisabled={running || !usable} onPress={() => start(selected?.id)}>
          Check on the selected item
        </Button>
      </div>
      {running && <ProgressBar label="Checking" value={check.fraction} />}
      {check !== undefined && <PriorCheckResult job={check} />}
    </li>
  );
}
