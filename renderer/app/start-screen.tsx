/** What is seen when no viewport shows anything: three ways to begin, and what was made before. */

import { Button as AriaButton } from 'react-aria-components';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import { Icon } from '../components/icon.tsx';
import { factsOf } from '../library/item-row.tsx';
import { chooseAndOpen, openDemo } from '../library/open-files.ts';
import { showItem } from '../library/show-item.ts';
import { useFrame } from './frame-state.ts';
import { useSession } from './session.ts';
import './start-screen.css';

function Recent() {
  const items = useSession((state) => state.items);
  const recent = [...items.values()]
    .filter(({ kind, problem }) => (kind === 'result' || kind === 'solution') && problem === null)
    .sort((a, b) => (b.created ?? '').localeCompare(a.created ?? ''))
    .slice(0, 6);
  if (recent.length === 0) return null;
  return (
    <section className="start-recent" aria-label="Recent results">
      <h3>Recent results</h3>
      <ul>
        {recent.map((item) => (
          <li key={item.id}>
            <AriaButton className="start-result" onPress={() => void showItem(item.id)}>
              <span className="start-picture">
                {item.thumbnail ? (
                  <img src={dataRoutes.thumbnail(item.id, item.revision)} alt="" />
                ) : (
                  <Icon name="file" size={22} />
                )}
              </span>
              <span className="start-result-text">
                <span>{item.title}</span>
                <span className="start-quiet">{factsOf(item)}</span>
              </span>
            </AriaButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function StartScreen() {
  const app = useSession((state) => state.app);
  const roots = app?.roots ?? [];
  return (
    <div className="start">
      <div className="start-inner">
        <header>
          <h2>Begin with a scan</h2>
          <p className="start-quiet">DICOM, NIfTI, ISMRMRD, fastMRI, BART or NumPy. It stays on this computer.</p>
        </header>
        <div className="start-ways">
          <section className="start-way">
            <Icon name="open" size={26} />
            <h3>Open files</h3>
            <p className="start-quiet">Single files, a whole folder, a zip or a DICOMDIR.</p>
            <div className="start-buttons">
              <AriaButton className="button button-primary" onPress={() => void chooseAndOpen('open-folder')}>
                Open a folder
              </AriaButton>
              <AriaButton className="button" onPress={() => void chooseAndOpen('open-files')}>
                Open files
              </AriaButton>
              {roots.length > 0 && (
                <AriaButton className="button" onPress={() => useFrame.setState({ dialog: 'open-root' })}>
                  Shared folders
                </AriaButton>
              )}
            </div>
          </section>
          <section className="start-way">
            <Icon name="flask" size={26} />
            <h3>Try the demo</h3>
            <p className="start-quiet">A bundled brain series, ready to undersample and reconstruct.</p>
            <div className="start-buttons">
              <AriaButton
                className="button button-primary"
                isDisabled={app?.demo !== true}
                onPress={() => void openDemo()}
              >
                Open the demo scan
              </AriaButton>
            </div>
          </section>
          <section className="start-way start-drop">
            <Icon name="download" size={26} />
            <h3>Drop here</h3>
            <p className="start-quiet">Drag files or folders from your desktop anywhere onto this window.</p>
          </section>
        </div>
        <Recent />
      </div>
    </div>
  );
}
