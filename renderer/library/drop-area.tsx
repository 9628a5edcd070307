/** The whole window takes files and folders. */
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Icon } from '../components/icon.tsx';
import { droppedFiles } from './dropped-files.ts';
import { openFiles } from './open-files.ts';
import './drop-area.css';

const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

export function DropArea({ children }: { children: ReactNode }) {
  const [over, setOver] = useState(false);
  // Enter and leave come once per element crossed; the balance says whether the pointer is inside.
  const depth = useRef(0);
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard way in the Open menu
    <div
      className="drop-area"
      onDragEnter={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDragLeave={(event) => {
        if (!carriesFiles(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) leave();
      }}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        leave();
        const inBrowser = useSession.getState().app?.host !== 'electron';
        droppedFiles(event.dataTransfer, inBrowser).then(openFiles).catch(toastError);
      }}
    >
      {children}
      {over && (
        <div className="drop-hint" aria-hidden="true">
          <Icon name="download" size={40} />
          <p>Drop to open</p>
        </div>
      )}
    </div>
  );
}
