/** Companion solvers from their manifests: the list, the page of one, and the result of the selected item. */
import { useEffect, useState } from 'react';
import type { SolverForm } from '../../main/host/api/catalogue.ts';
import { describeItem, useSession } from '../app/session.ts';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { Switch } from '../components/switch.tsx';
import { acceptingSolvers } from './item-parts.ts';
import { sendToSolver, solverCatalogue } from './send-to-solver.ts';
import { SolutionView } from './solution-view.tsx';
import { groupSolvers } from './solver-groups.ts';
import { SolverPage } from './solver-page.tsx';
import './solvers.css';

function useCatalogue() {
  const [solvers, setSolvers] = useState<readonly SolverForm[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    solverCatalogue().then(
      (found) => {
        if (current) setSolvers(found);
      },
      (thrown: unknown) => {
        if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
    return () => {
      current = false;
    };
  }, []);
  return { solvers, problem };
}

/** Ids of the solvers that take the selected item; null while that is not known. */
function useAccepting(selected: string | null, solvers: readonly SolverForm[] | null): ReadonlySet<string> | null {
  const [accepting, setAccepting] = useState<ReadonlySet<string> | null>(null);
  useEffect(() => {
    let current = true;
    setAccepting(null);
    if (selected === null || solvers === null) return;
    describeItem(selected).then(
      (item) => {
        if (current) setAccepting(new Set(acceptingSolvers(item, solvers).map(({ id }) => id)));
      },
      () => {},
    );
    return () => {
      current = false;
    };
  }, [selected, solvers]);
  return accepting;
}

function SolverEntry({ solver, selected }: { solver: SolverForm; selected: string | null }) {
  return (
    <li>
      <button
        type="button"
        className="solver-entry"
        onClick={() => {
          if (selected === null) useSession.setState({ solver: solver.id });
          else
            sendToSolver(selected, solver.id).catch(() => {
              useSession.setState({ solver: solver.id });
            });
        }}
      >
        <strong>{solver.title}</strong>
        <span>{solver.summary}</span>
        {solver.unavailable !== null && (
          <span className="solver-unavailable">{`Not available: ${solver.unavailable}`}</span>
        )}
      </button>
    </li>
  );
}

function SolverList({ solvers }: { solvers: readonly SolverForm[] }) {
  const selected = useSession((state) => state.selected);
  const item = useSession((state) => (selected === null ? undefined : state.items.get(selected)));
  const [search, setSearch] = useState('');
  const [fitting, setFitting] = useState(false);
  const accepting = useAccepting(selected, solvers);
  const shown = fitting && accepting !== null ? solvers.filter(({ id }) => accepting.has(id)) : solvers;
  const groups = groupSolvers(shown, search);
  return (
    <>
      <SearchField label="Search solvers" value={search} onChange={setSearch} />
      {item !== undefined && (
        <Switch
          label="Only those that take the selected item"
          help={accepting === null ? item.title : `${item.title}: ${accepting.size} of ${solvers.length}`}
          isSelected={fitting}
          onChange={setFitting}
        />
      )}
      {groups.map(({ group, solvers: members }) => (
        <section key={group} className="solver-group" aria-label={group}>
          <h3>{group}</h3>
          <ul>
            {members.map((solver) => (
              <SolverEntry key={solver.id} solver={solver} selected={selected} />
            ))}
          </ul>
        </section>
      ))}
      {groups.length === 0 && <p className="field-help">No solver is found.</p>}
    </>
  );
}

export function SolversPanel() {
  const { solvers, problem } = useCatalogue();
  const chosen = useSession((state) => state.solver);
  const selected = useSession((state) => state.selected);
  const kind = useSession((state) => (state.selected === null ? undefined : state.items.get(state.selected)?.kind));
  const solver = solvers?.find(({ id }) => id === chosen);
  if (solver !== undefined) return <SolverPage key={solver.id} solver={solver} />;
  return (
    <Panel title="Solvers" summary="Methods from papers, on any artifact they accept">
      {problem !== null && (
        <Notice tone="danger" live>
          {problem}
        </Notice>
      )}
      {selected !== null && kind === 'solution' && <SolutionView key={selected} item={selected} />}
      {solvers === null && problem === null && <p className="field-help">Reading…</p>}
      {chosen !== null && solvers !== null && <Notice tone="warning">{`There is no solver called ${chosen}.`}</Notice>}
      {solvers !== null && <SolverList solvers={solvers} />}
    </Panel>
  );
}
