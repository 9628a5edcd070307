/** The one thing to do next, always in the same corner: open, reconstruct, watch, compare, export. */
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { openGroups } from '../library/open-menu.ts';
import { showItem } from '../library/show-item.ts';
import { openPanel } from './frame-state.ts';
import { useSession } from './session.ts';

const waiting = ['queued', 'running', 'cancelling'];

export function NextStep() {
  const items = useSession((state) => state.items);
  const jobs = useSession((state) => state.jobs);
  const selected = useSession((state) => state.selected);
  const item = selected === null ? undefined : items.get(selected);
  const running = [...jobs.values()].find((job) => job.kind === 'reconstruct' && waiting.includes(job.state));
  if (running !== undefined)
    return (
      <Button icon={<Icon name="jobs" size={16} />} onPress={() => openPanel('jobs')}>
        {`Reconstructing ${Math.round(running.fraction * 100)} %`}
      </Button>
    );
  if (item === undefined)
    return (
      <Menu label="Open" groups={openGroups()}>
        <Button variant={items.size === 0 ? 'default' : 'primary'} icon={<Icon name="open" size={16} />}>
          Open
        </Button>
      </Menu>
    );
  if (item.kind === 'series' || item.kind === 'scan')
    return (
      <Button
        variant="primary"
        icon={<Icon name="reconstruct" size={16} />}
        isDisabled={item.problem !== null}
        onPress={() => openPanel('reconstruct')}
      >
        Reconstruct
      </Button>
    );
  return (
    <>
      {item.kind === 'result' && (
        <Button icon={<Icon name="compare" size={16} />} onPress={() => void showItem(item.id)}>
          Compare
        </Button>
      )}
      <Button variant="primary" icon={<Icon name="export" size={16} />} onPress={() => openPanel('export')}>
        Export
      </Button>
    </>
  );
}
