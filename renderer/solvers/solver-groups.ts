/** Solvers under the headings of their manifests, as many as match a search. */
import type { SolverForm } from '../../main/host/api/catalogue.ts';

export interface SolverGroup {
  group: string;
  solvers: SolverForm[];
}

/** Every word of the search stands somewhere in title, id, summary, group or citation. */
export function groupSolvers(solvers: readonly SolverForm[], search: string): SolverGroup[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const groups = new Map<string, SolverForm[]>();
  for (const solver of solvers) {
    const text = `${solver.title} ${solver.id} ${solver.summary} ${solver.group} ${solver.citation}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    groups.set(solver.group, [...(groups.get(solver.group) ?? []), solver]);
  }
  return [...groups].map(([group, members]) => ({ group, solvers: members }));
}
