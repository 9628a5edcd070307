/** Commands of reconstruction, jobs, batch and solvers, for menu, palette and keys. */
import { type Command, useCommands } from '../app/commands.ts';
import { openPanel } from '../app/frame-state.ts';
import { useSession } from '../app/session.ts';
import { copyCommand } from './command-button.tsx';
import { toggleOverlay } from './overlays.ts';
import { replayResult } from './replays.ts';
import { startReconstruction } from './start-reconstruction.ts';

const selected = () => {
  const { items, selected: id } = useSession.getState();
  return id === null ? undefined : items.get(id);
};
const selectedResult = () => {
  const item = selected();
  return item?.kind === 'result' ? item.id : undefined;
};
const onResult = (run: (id: string) => void) => () => {
  const id = selectedResult();
  if (id !== undefined) run(id);
};
const hasResult = () => selectedResult() !== undefined;

const commands: readonly Command[] = [
  {
    id: 'reconstruct.start',
    title: 'Reconstruct the selected scan now',
    group: 'Reconstruct',
    menu: 'Reconstruct',
    keys: ['Ctrl+Enter'],
    enabled: () => {
      const item = selected();
      return item !== undefined && (item.kind === 'scan' || item.kind === 'series') && item.problem === null;
    },
    run: () => {
      const item = selected();
      if (item === undefined) return;
      openPanel('reconstruct');
      void startReconstruction(item.id);
    },
  },
  {
    id: 'result.evidence',
    title: 'Show or hide the evidence map',
    group: 'Result',
    menu: 'Reconstruct',
    keys: [],
    enabled: hasResult,
    run: onResult((id) => toggleOverlay(id, 'evidence')),
  },
  {
    id: 'result.uncertainty',
    title: 'Show or hide the uncertainty',
    group: 'Result',
    menu: 'Reconstruct',
    keys: [],
    enabled: hasResult,
    run: onResult((id) => toggleOverlay(id, 'std')),
  },
  {
    id: 'result.copy-command',
    title: 'Copy the result’s command line',
    group: 'Result',
    menu: 'Reconstruct',
    keys: [],
    enabled: hasResult,
    run: onResult((id) => void copyCommand({ result: id })),
  },
  {
    id: 'result.replay',
    title: 'Replay the result and compare',
    group: 'Result',
    menu: 'Reconstruct',
    keys: [],
    enabled: hasResult,
    run: onResult((id) => void replayResult(id)),
  },
];

let registered = false;

/** Once; they stay while the page is open. */
export function registerResultCommands(): void {
  if (registered) return;
  registered = true;
  useCommands.getState().register(commands);
}
