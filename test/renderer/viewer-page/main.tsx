/** The whole page over a host of computed pixels, so that what the viewer shows can be compared with what it was given. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import '../../../renderer/app/tokens.css';
import '../../../renderer/app/base.css';
import { settings as settingsSchema } from '../../../main/host/api/settings.ts';
import { App } from '../../../renderer/app/app.tsx';
import { useCommands } from '../../../renderer/app/commands.ts';
import { startConnection } from '../../../renderer/app/connection.ts';
import { ErrorBoundary } from '../../../renderer/app/error-boundary.tsx';
import { useFrame } from '../../../renderer/app/frame-state.ts';
import type { Transport } from '../../../renderer/app/host-client.ts';
import { useSession } from '../../../renderer/app/session.ts';
import { followTheme } from '../../../renderer/app/theme.ts';
import { useWorkspace } from '../../../renderer/app/workspace.ts';
import { hangResult } from '../../../renderer/viewer/hang-result.ts';
import { useMeasurements } from '../../../renderer/viewer/measure/measurements.ts';
import { useViewState } from '../../../renderer/viewer/view-state.ts';
import { descriptions, summaryOf } from './items.ts';

z.config({ jitless: true });
followTheme();

const query = new URLSearchParams(location.search);
const calls: { name: string; input: unknown }[] = [];
const listeners = new Set<(event: unknown) => void>();
const find = (id: unknown) => descriptions.find((one) => one.id === id);
let settings = settingsSchema.parse({ theme: query.get('theme') ?? 'dark' });
const answers: Record<string, (input: Record<string, unknown>) => unknown> = {
  'app.describe': () => ({
    version: '0.1.0',
    host: 'browser',
    roots: [],
    demo: false,
    devices: [{ name: 'cpu', available: true, reason: '' }],
    notice: 'Research use only – not for diagnostic use',
  }),
  'settings.read': () => settings,
  'settings.write': (change) => (settings = settingsSchema.parse({ ...settings, ...change })),
  'library.list': () => ({ items: descriptions.map(summaryOf) }),
  'library.describe': ({ id }) => find(id),
  'catalogue.solvers': () => ({ solvers: [] }),
  'catalogue.priors': () => ({ priors: [] }),
  'catalogue.methods': () => ({ methods: [] }),
  'jobs.list': () => ({ jobs: [] }),
  'jobs.start': () => ({ id: 'j00000001' }),
};
const transport: Transport = {
  call: async (name, input) => {
    calls.push({ name, input });
    return { ok: true, value: answers[name]?.(input as Record<string, unknown>) ?? {} };
  },
  onEvent: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  upload: async () => [],
};
const emit = (event: unknown) => {
  for (const listener of listeners) listener(event);
};
if (query.get('side') !== 'open') useFrame.setState({ sideOpen: false });
Object.assign(window, {
  calls,
  emit,
  hangResult,
  useCommands,
  useMeasurements,
  useSession,
  useViewState,
  useWorkspace,
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <ErrorBoundary>
    <App connect={() => startConnection(transport)} />
  </ErrorBoundary>,
);
