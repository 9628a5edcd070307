/** The column of panels at the left edge: one Tab stop, arrows inside. */
import { ToggleButton } from 'react-aria-components';
import { Icon } from '../components/icon.tsx';
import { Toolbar } from '../components/toolbar.tsx';
import { openPanel, useFrame } from './frame-state.ts';
import { panelList } from './panel-list.tsx';
import { useSession } from './session.ts';
import './panel-rail.css';

export function PanelRail() {
  const panel = useSession((state) => state.panel);
  const busy = useSession(
    (state) => [...state.jobs.values()].filter((job) => ['queued', 'running'].includes(job.state)).length,
  );
  const sideOpen = useFrame((state) => state.sideOpen);
  return (
    <nav className="rail" aria-label="Panels">
      <Toolbar label="Panels" orientation="vertical">
        {panelList.map(({ id, title, icon }) => {
          const shown = sideOpen && panel === id;
          const count = id === 'jobs' && busy > 0 ? busy : null;
          return (
            <ToggleButton
              key={id}
              className={`rail-button ${id === 'settings' ? 'rail-last' : ''}`}
              isSelected={shown}
              onChange={() => (shown ? useFrame.setState({ sideOpen: false }) : openPanel(id))}
            >
              <span className="rail-icon">
                <Icon name={icon} size={20} />
                {count !== null && (
                  <span className="rail-count" aria-hidden="true">
                    {count}
                  </span>
                )}
              </span>
              <span className="rail-label">{title}</span>
              {count !== null && <span className="visually-hidden">, {count} running</span>}
            </ToggleButton>
          );
        })}
      </Toolbar>
    </nav>
  );
}
