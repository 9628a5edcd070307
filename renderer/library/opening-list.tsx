/** Searches that run or have just ended: counts, a way to stop, and what could not be read. */
import { useState } from 'react';
import type { OpenProgress } from '../../main/host/api/api.ts';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { ProgressBar } from '../components/progress-bar.tsx';
import { countsText } from './follow-scan.ts';

const endings = { done: 'Opened', stopped: 'Stopped', failed: 'Failed', running: 'Searching' } as const;

function Opening({ progress, onDismiss }: { progress: OpenProgress; onDismiss: () => void }) {
  const running = progress.state === 'running';
  return (
    <li className="opening">
      <div className="opening-head">
        <span className="opening-text">
          <strong>{endings[progress.state]}</strong> {countsText(progress)}
        </span>
        {running ? (
          <Button
            onPress={() => {
              host().call('library.stop', { scan: progress.scan }).catch(toastError);
            }}
          >
            Stop
          </Button>
        ) : (
          <IconButton label="Dismiss" icon="close" onPress={onDismiss} />
        )}
      </div>
      {running && <ProgressBar label="Searching" hideLabel value={null} detail={`${progress.items.length} found`} />}
      {progress.error !== null && <p className="item-problem">{progress.error}</p>}
      {progress.unreadable.length > 0 && (
        <Disclosure title={`${progress.unreadable.length} unreadable`}>
          <ul className="opening-unreadable">
            {progress.unreadable.slice(0, 200).map(({ name, reason }) => (
              <li key={`${name} ${reason}`}>
                <span className="opening-file">{name}</span>
                <span>{reason}</span>
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </li>
  );
}

export function OpeningList() {
  const opening = useSession((state) => state.opening);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown = [...opening.values()].filter(({ scan }) => !dismissed.has(scan)).slice(-3);
  if (shown.length === 0) return null;
  return (
    <ul className="opening-list" aria-label="Searches">
      {shown.map((progress) => (
        <Opening
          key={progress.scan}
          progress={progress}
          onDismiss={() => setDismissed(new Set([...dismissed, progress.scan]))}
        />
      ))}
    </ul>
  );
}
