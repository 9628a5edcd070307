/** One solver: what it does, its inputs, its parameters, and its run. */
import { useState } from 'react';
import type { SolverForm } from '../../main/host/api/catalogue.ts';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Icon } from '../components/icon.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { Notice } from '../components/notice.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Panel } from '../components/panel.tsx';
import { FailedJob } from '../jobs/failed-job.tsx';
import { CommandButton } from '../reconstruct/command-button.tsx';
import { changedValues, formModel, formProblems, type Values } from '../reconstruct/form-model.ts';
import { ParameterForm } from '../reconstruct/parameter-form.tsx';
import { RunningJob } from '../reconstruct/running-job.tsx';
import { InputPicker } from './input-picker.tsx';
import { useSolverInputs } from './send-to-solver.ts';
import { SolutionView } from './solution-view.tsx';

/** The seed is a field of the request, not of the form. */
const notInForm = ['seed'];

function SolverRun({ jobId }: { jobId: string }) {
  const job = useSession((state) => state.jobs.get(jobId));
  if (job === undefined) return null;
  if (job.state === 'failed') return <FailedJob job={job} />;
  if (job.state === 'cancelled') return <Notice tone="info">Cancelled.</Notice>;
  if (job.state === 'done') return job.result === null ? null : <SolutionView key={job.result} item={job.result} />;
  return (
    <section className="running-card" aria-label="Running solver">
      <h3>{job.title}</h3>
      <RunningJob job={job} />
    </section>
  );
}

export function SolverPage({ solver }: { solver: SolverForm }) {
  const selected = useSession((state) => {
    const item = state.selected === null ? undefined : state.items.get(state.selected);
    return item?.kind === 'solution' ? item.id : null;
  });
  const inputs = useSolverInputs((state) => state.chosen.get(solver.id)) ?? {};
  const [values, setValues] = useState<Values>({});
  const [seed, setSeed] = useState(0);
  const [jobId, setJobId] = useState<string | null>(null);
  const fields = formModel(solver.parameters, notInForm);
  const seeded = formModel(solver.parameters).some(({ name }) => name === 'seed');
  const problems = formProblems(fields, values);
  const missing = solver.inputs.filter(({ name, required }) => required && inputs[name] === undefined);
  const request = {
    kind: 'solve' as const,
    solver: solver.id,
    inputs: { ...inputs },
    parameters: changedValues(fields, values),
    seed,
  };
  const run = () => {
    host()
      .call('jobs.start', request)
      .then(({ id }) => setJobId(id), toastError);
  };
  const count = Object.keys(request.parameters).length;
  const wrong = Object.keys(problems).length;
  const why =
    missing.length > 0
      ? `Needs ${missing.map(({ name }) => name).join(', ')}.`
      : wrong > 0
        ? `${wrong} ${wrong === 1 ? 'parameter is' : 'parameters are'} out of range.`
        : null;
  return (
    <Panel
      title={solver.title}
      summary={solver.group}
      actions={
        <IconButton label="All solvers" icon="chevronLeft" onPress={() => useSession.setState({ solver: null })} />
      }
      footer={
        <>
          {why !== null && <p className="estimate">{why}</p>}
          <div className="button-row">
            <Button
              variant="primary"
              size="large"
              icon={<Icon name="play" size={16} />}
              isDisabled={why !== null || solver.unavailable !== null}
              onPress={run}
            >
              Run
            </Button>
            <CommandButton request={request} />
          </div>
        </>
      }
    >
      {jobId !== null && <SolverRun jobId={jobId} />}
      {jobId === null && selected !== null && <SolutionView key={selected} item={selected} />}
      {solver.unavailable !== null && (
        <Notice tone="warning" title="Not available here">
          {solver.unavailable}
        </Notice>
      )}
      <p>{solver.summary}</p>
      <p className="field-help solver-citation">{solver.citation}</p>
      <section className="solver-inputs" aria-label="Inputs">
        <h3>Inputs</h3>
        {solver.inputs.map((input) => (
          <InputPicker key={input.name} solver={solver.id} input={input} chosen={inputs[input.name]} />
        ))}
        {solver.inputs.length === 0 && <p className="field-help">It takes none.</p>}
      </section>
      <Disclosure
        title="Parameters"
        detail={count === 0 ? 'defaults' : `${count} changed`}
        defaultOpen={fields.length < 9}
      >
        <ParameterForm
          label={`Parameters of ${solver.title}`}
          schema={solver.parameters}
          values={values}
          leaveOut={notInForm}
          onChange={setValues}
        />
        {seeded && (
          <NumberField
            label="Seed"
            minValue={0}
            maxValue={2 ** 31}
            step={1}
            value={seed}
            onChange={(next) => {
              if (!Number.isNaN(next)) setSeed(next);
            }}
            help="The same seed gives the same bytes."
          />
        )}
      </Disclosure>
      <Disclosure title="What comes out" detail={`${solver.outputs.length}`}>
        <dl className="fact-list">
          {solver.outputs.map(({ name, type, description }) => (
            <div key={name}>
              <dt>{`${name} (${type})`}</dt>
              <dd>{description}</dd>
            </div>
          ))}
        </dl>
      </Disclosure>
    </Panel>
  );
}
