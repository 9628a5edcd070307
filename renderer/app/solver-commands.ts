/** One command per companion solver, so that menu and palette name them all. */
import { type Command, useCommands } from './commands.ts';
import { openPanel } from './frame-state.ts';
import { host, useSession } from './session.ts';

/** Reads the list of solvers from the host. Returns the way to take the commands away. Rejects with HostError. */
export async function registerSolverCommands(): Promise<() => void> {
  const { solvers } = await host().call('catalogue.solvers', {});
  const commands = solvers.map(
    ({ id, title, group, unavailable }): Command => ({
      id: `solver.${id}`.slice(0, 64),
      title,
      group,
      menu: 'Solvers',
      keys: [],
      enabled: () => unavailable === null,
      run: () => {
        useSession.setState({ solver: id });
        openPanel('solvers');
      },
    }),
  );
  return useCommands.getState().register(commands);
}
