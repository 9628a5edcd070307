/** The panels beside the viewports: name, icon, key and what they show. */
import type { ReactNode } from 'react';
import { BatchPanel } from '../batch/batch-panel.tsx';
import type { IconName } from '../components/icon.tsx';
import { ExportPanel } from '../export/export-panel.tsx';
import { JobsPanel } from '../jobs/jobs-panel.tsx';
import { LibraryPanel } from '../library/library-panel.tsx';
import { TagBrowser } from '../library/tag-browser.tsx';
import { PriorsPanel } from '../priors/priors-panel.tsx';
import { ReconstructPanel } from '../reconstruct/reconstruct-panel.tsx';
import { SettingsPanel } from '../settings/settings-panel.tsx';
import { SolversPanel } from '../solvers/solvers-panel.tsx';
import type { Panel } from './session.ts';

export interface PanelEntry {
  id: Panel;
  title: string;
  icon: IconName;
  key: string;
  content: () => ReactNode;
}

export const panelList: readonly PanelEntry[] = [
  { id: 'library', title: 'Library', icon: 'library', key: 'Alt+L', content: () => <LibraryPanel /> },
  { id: 'reconstruct', title: 'Reconstruct', icon: 'reconstruct', key: 'Alt+R', content: () => <ReconstructPanel /> },
  { id: 'jobs', title: 'Jobs', icon: 'jobs', key: 'Alt+J', content: () => <JobsPanel /> },
  { id: 'export', title: 'Export', icon: 'export', key: 'Alt+X', content: () => <ExportPanel /> },
  { id: 'tags', title: 'Tags', icon: 'tags', key: 'Ctrl+I', content: () => <TagBrowser /> },
  { id: 'batch', title: 'Batch', icon: 'batch', key: 'Alt+B', content: () => <BatchPanel /> },
  { id: 'solvers', title: 'Solvers', icon: 'solvers', key: 'Alt+V', content: () => <SolversPanel /> },
  { id: 'priors', title: 'Priors', icon: 'priors', key: 'Alt+P', content: () => <PriorsPanel /> },
  { id: 'settings', title: 'Settings', icon: 'settings', key: 'Ctrl+,', content: () => <SettingsPanel /> },
];
