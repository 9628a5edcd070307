/** What the page knows of the host: items, jobs, searches, settings; kept current by events. */
import { create } from 'zustand';
import type { CallOutput, OpenProgress } from '../../main/host/api/api.ts';
import type { ItemDescription, ItemSummary } from '../../main/host/api/item.ts';
import type { JobRecord } from '../../main/host/api/job.ts';
import { type Settings, settings as settingsSchema } from '../../main/host/api/settings.ts';
import { itemTitle } from '../library/item-title.ts';
import type { HostClient } from './host-client.ts';

/** Panels beside the viewports. */
export type Panel =
  | 'library'
  | 'reconstruct'
  | 'jobs'
  | 'batch'
  | 'solvers'
  | 'priors'
  | 'settings'
  | 'tags'
  | 'export';

export interface Session {
  client: HostClient | null;
  app: CallOutput<'app.describe'> | null;
  items: ReadonlyMap<string, ItemSummary>;
  descriptions: ReadonlyMap<string, ItemDescription>;
  jobs: ReadonlyMap<string, JobRecord>;
  opening: ReadonlyMap<string, OpenProgress>;
  settings: Settings;
  panel: Panel;
  /** The item panels act on. */
  selected: string | null;
  /** The item the next reconstruction is compared with. */
  reference: string | null;
  /** Id of the solver the solvers panel shows. */
  solver: string | null;
  connected: boolean;
}

export const useSession = create<Session>(() => ({
  client: null,
  app: null,
  items: new Map(),
  descriptions: new Map(),
  jobs: new Map(),
  opening: new Map(),
  settings: settingsSchema.parse({}),
  panel: 'library',
  selected: null,
  reference: null,
  solver: null,
  connected: false,
}));

/** The client of a connected page. Throws before `connect` has run. */
export function host(): HostClient {
  const { client } = useSession.getState();
  if (client === null) throw new Error('the page is not connected to its host');
  return client;
}

const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V) => new Map([...map, [key, value]]);
const without = <K, V>(map: ReadonlyMap<K, V>, key: K) => new Map([...map].filter(([other]) => other !== key));

/** Searches under way and the newest that ended: older ones have been told of. */
function withSearch(known: Session['opening'], progress: OpenProgress): Session['opening'] {
  const others = [...known].filter(([scan, { state }]) => scan === progress.scan || state === 'running');
  return withEntry(new Map(others), progress.scan, progress);
}

/** Folders of results are named by time and hash; on the screen they are called by method and time, everywhere. */
const titled = <T extends ItemSummary>(item: T): T => ({ ...item, title: itemTitle(item) });

/** Loads everything once and follows the events from then on. Returns the way to stop. */
export async function connect(client: HostClient): Promise<() => void> {
  const stop = client.onEvent((event) => {
    useSession.setState((state) => {
      if (event.type === 'job') return { jobs: withEntry(state.jobs, event.job.id, event.job) };
      if (event.type === 'job-removed') return { jobs: without(state.jobs, event.id) };
      if (event.type === 'open') return { opening: withSearch(state.opening, event.progress) };
      if (event.type === 'item')
        return {
          items: withEntry(state.items, event.item.id, titled(event.item)),
          descriptions: without(state.descriptions, event.item.id),
        };
      if (event.type === 'item-removed')
        return {
          items: without(state.items, event.id),
          descriptions: without(state.descriptions, event.id),
          ...(state.selected === event.id ? { selected: null } : {}),
          ...(state.reference === event.id ? { reference: null } : {}),
        };
      if (event.type === 'settings') return { settings: event.settings };
      if (event.type === 'app') return { app: event.app };
      return {};
    });
  });
  const [app, settings, { items }, { jobs }] = await Promise.all([
    client.call('app.describe', {}),
    client.call('settings.read', {}),
    client.call('library.list', {}),
    client.call('jobs.list', {}),
  ]);
  useSession.setState({
    client,
    app,
    settings,
    items: new Map(items.map((item) => [item.id, titled(item)])),
    jobs: new Map(jobs.map((job) => [job.id, job])),
    connected: true,
  });
  return stop;
}

/** Description of an item, fetched once per revision. Rejects with HostError. */
export async function describeItem(id: string): Promise<ItemDescription> {
  const known = useSession.getState().descriptions.get(id);
  if (known !== undefined) return known;
  const description = titled(await host().call('library.describe', { id }));
  useSession.setState((state) => ({ descriptions: withEntry(state.descriptions, id, description) }));
  return description;
}
