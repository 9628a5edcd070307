/** The frame: top bar, rail of panels, side panel, viewports, status line. */
import { useEffect } from 'react';
import { BatchPanel } from '../batch/batch-panel.tsx';
import { ExportPanel } from '../export/export-panel.tsx';
import { JobsPanel } from '../jobs/jobs-panel.tsx';
import { ReconstructPanel } from '../reconstruct/reconstruct-panel.tsx';
import { SolversPanel } from '../solvers/solvers-panel.tsx';
import { ViewerGrid } from '../viewer/viewer-grid.tsx';
import { useSession } from './session.ts';

export function App({ connect }: { connect: () => Promise<unknown> }) {
  useEffect(() => {
    void connect();
  }, [connect]);
  const panel = useSession((state) => state.panel);
  return (
    <main>
      {panel === 'reconstruct' && <ReconstructPanel />}
      {panel === 'jobs' && <JobsPanel />}
      {panel === 'batch' && <BatchPanel />}
      {panel === 'solvers' && <SolversPanel />}
      {panel === 'export' && <ExportPanel />}
      <ViewerGrid />
    </main>
  );
}
