/** "Send to solver": which solvers take an item, and the way to one with the item already chosen. */
import { create } from 'zustand';
import type { SolverForm } from '../../main/host/api/catalogue.ts';
import { openPanel } from '../app/frame-state.ts';
import { describeItem, host, useSession } from '../app/session.ts';
import { acceptingSolvers, accepts, partsOf } from './item-parts.ts';

export interface ChosenInput {
  item: string;
  part: string;
}

interface SolverInputs {
  /** Solver → input → what it is given. */
  chosen: ReadonlyMap<string, Readonly<Record<string, ChosenInput>>>;
}

export const useSolverInputs = create<SolverInputs>(() => ({ chosen: new Map() }));

let known: Promise<readonly SolverForm[]> | undefined;

/** The catalogue, read once. Rejects with HostError. */
export function solverCatalogue(): Promise<readonly SolverForm[]> {
  known ??= host()
    .call('catalogue.solvers', {})
    .then(
      ({ solvers }) => solvers,
      (thrown: unknown) => {
        known = undefined;
        throw thrown;
      },
    );
  return known;
}

/** Solvers whose inputs take something of the item. Rejects with HostError. */
export async function solversFor(item: string): Promise<SolverForm[]> {
  const [description, solvers] = await Promise.all([describeItem(item), solverCatalogue()]);
  return acceptingSolvers(description, solvers);
}

/** Null empties the input. */
export function chooseInput(solver: string, input: string, value: ChosenInput | null): void {
  useSolverInputs.setState(({ chosen }) => {
    const rest = Object.fromEntries(Object.entries(chosen.get(solver) ?? {}).filter(([name]) => name !== input));
    return { chosen: new Map([...chosen, [solver, value === null ? rest : { ...rest, [input]: value }]]) };
  });
}

/** Opens the page of a solver with the first fitting part of the item in the first input that takes it. Rejects with HostError. */
export async function sendToSolver(item: string, solver: string): Promise<void> {
  const [description, solvers] = await Promise.all([describeItem(item), solverCatalogue()]);
  const form = solvers.find(({ id }) => id === solver);
  const parts = partsOf(description);
  for (const input of form?.inputs ?? []) {
    const part = parts.find((one) => accepts(input, one));
    if (part === undefined) continue;
    chooseInput(solver, input.name, { item, part: part.part });
    break;
  }
  useSession.setState({ solver });
  openPanel('solvers');
}
