/** Starts a job, shows its running estimate, and hangs the result when it is done, whatever panel is open by then. */
import { create } from 'zustand';
import type { JobRecord } from '../../main/host/api/job.ts';
import { host, useSession } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { useWorkspace } from '../app/workspace.ts';
import { hangResult } from '../viewer/hang-result.ts';
import { buildRequest } from './draft.ts';
import { loadDraft } from './drafts.ts';

/** Job → the item it was started on. */
export const useStarted = create<{ items: ReadonlyMap<string, string> }>(() => ({ items: new Map() }));

const over = ({ state }: JobRecord) => state === 'done' || state === 'failed' || state === 'cancelled';

/** Calls `then` once, when the job is over or gone (undefined). Returns the way to stop waiting. */
export function whenOver(id: string, then: (job: JobRecord | undefined) => void): () => void {
  let known = false;
  let finished = false;
  let stop = () => {};
  const look = () => {
    const job = useSession.getState().jobs.get(id);
    known ||= job !== undefined;
    if (finished || !known || (job !== undefined && !over(job))) return;
    finished = true;
    stop();
    then(job);
  };
  stop = useSession.subscribe(look);
  look();
  return stop;
}

/** Shows a finished reconstruction as its hanging and selects it. */
export async function openResult(id: string): Promise<void> {
  useSession.setState({ selected: id });
  try {
    await hangResult(id);
  } catch (thrown) {
    toastError(thrown);
  }
}

function finish(item: string, job: JobRecord | undefined, id: string): void {
  useStarted.setState((state) => ({ items: new Map([...state.items].filter(([other]) => other !== id)) }));
  const showing = useWorkspace
    .getState()
    .contents.some((content) => content !== null && 'job' in content && content.job === id);
  if (job?.state === 'done' && job.result !== null) {
    const { selected } = useSession.getState();
    if (showing || selected === item) void openResult(job.result);
    return;
  }
  if (showing) useWorkspace.getState().forget(id);
}

/** Follows a job of an item to its end. */
export function followReconstruction(item: string, id: string): void {
  useStarted.setState((state) => ({ items: new Map([...state.items, [id, item]]) }));
  whenOver(id, (job) => finish(item, job, id));
}

/** Puts the running estimate into the viewport in use now, once there is one; until then the scan stays in sight. */
function showEstimate(id: string): void {
  const { active, show } = useWorkspace.getState();
  let shown = false;
  let stop = () => {};
  const look = () => {
    const job = useSession.getState().jobs.get(id);
    if (shown || job === undefined) return;
    if (job.preview !== null && !over(job)) show({ job: id }, active);
    else if (!over(job)) return;
    shown = true;
    stop();
  };
  stop = useSession.subscribe(look);
  look();
}

/** With the draft of the item. Resolves to the job's id; null when it was refused, which is said in a toast. */
export async function startReconstruction(item: string): Promise<string | null> {
  try {
    const { description, methods, draft } = await loadDraft(item);
    const { settings, reference } = useSession.getState();
    const request = buildRequest(description, draft, methods, { device: settings.device, reference });
    const { id } = await host().call('jobs.start', request);
    followReconstruction(item, id);
    showEstimate(id);
    return id;
  } catch (thrown) {
    toastError(thrown);
    return null;
  }
}
