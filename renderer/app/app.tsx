/** The frame: top bar, rail of panels, side panel, viewports, status line; dialogs and notes above them. */
import { useEffect, useState } from 'react';
import { DropArea } from '../library/drop-area.tsx';
import { followScans } from '../library/follow-scan.ts';
import { itemType } from '../library/item-row.tsx';
import { RootBrowser } from '../library/root-browser.tsx';
import { showItem } from '../library/show-item.ts';
import { ViewerGrid } from '../viewer/viewer-grid.tsx';
import { AboutDialog } from './about-dialog.tsx';
import { registerAppCommands } from './app-commands.ts';
import { CommandPalette } from './command-palette.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { followJobs } from './follow-jobs.ts';
import { useFrame } from './frame-state.ts';
import { listenToKeys } from './key-handler.ts';
import { KeyList } from './key-list.tsx';
import { LiveRegion } from './live-region.tsx';
import { PanelRail } from './panel-rail.tsx';
import { useSession } from './session.ts';
import { SidePanel } from './side-panel.tsx';
import { registerSolverCommands } from './solver-commands.ts';
import { StartScreen } from './start-screen.tsx';
import { StatusLine } from './status-line.tsx';
import { ToastList } from './toast-list.tsx';
import { toastError } from './toasts.ts';
import { TopBar } from './top-bar.tsx';
import { Unreachable } from './unreachable.tsx';
import { useWorkspace } from './workspace.ts';
import './app.css';

const closeDialog = () => useFrame.setState({ dialog: null });

function Middle() {
  const nothingShown = useWorkspace((state) => state.contents.every((content) => content === null));
  return (
    <main
      className="app-viewports"
      aria-label="Viewports"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(itemType)) event.preventDefault();
      }}
      onDrop={(event) => {
        const id = event.dataTransfer.getData(itemType);
        if (id === '') return;
        event.preventDefault();
        const place = event.target instanceof Element ? event.target.closest('[data-viewport]') : null;
        const index = Number.parseInt(place?.getAttribute('data-viewport') ?? '', 10);
        void showItem(id, Number.isInteger(index) ? index : useWorkspace.getState().active);
      }}
    >
      <div className="app-viewer" inert={nothingShown} data-covered={nothingShown || undefined}>
        <ErrorBoundary part="The viewports">
          <ViewerGrid />
        </ErrorBoundary>
      </div>
      {nothingShown && <StartScreen />}
    </main>
  );
}

export function App({ connect }: { connect: () => Promise<unknown> }) {
  const [problem, setProblem] = useState<unknown>(undefined);
  const ready = useSession((state) => state.client !== null);
  const dialog = useFrame((state) => state.dialog);
  useEffect(() => {
    connect().catch(setProblem);
  }, [connect]);
  useEffect(() => {
    const stops = [registerAppCommands(), listenToKeys(), followJobs(), followScans()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  useEffect(() => {
    if (!ready) return;
    let stop: (() => void) | undefined;
    let gone = false;
    registerSolverCommands().then((remove) => {
      if (gone) remove();
      else stop = remove;
    }, toastError);
    return () => {
      gone = true;
      stop?.();
    };
  }, [ready]);
  if (problem !== undefined) return <Unreachable thrown={problem} />;
  if (!ready)
    return (
      <p className="app-waiting" role="status">
        Connecting…
      </p>
    );
  return (
    <DropArea>
      <div className="app">
        <TopBar />
        <div className="app-middle">
          <PanelRail />
          <SidePanel />
          <Middle />
        </div>
        <StatusLine />
      </div>
      <CommandPalette isOpen={dialog === 'palette'} onClose={closeDialog} />
      <KeyList isOpen={dialog === 'keys'} onClose={closeDialog} />
      <AboutDialog isOpen={dialog === 'about'} onClose={closeDialog} />
      <RootBrowser isOpen={dialog === 'open-root'} onClose={closeDialog} />
      <ToastList />
      <LiveRegion />
    </DropArea>
  );
}
