/** Follows searches: shows the first image as soon as it is there, and says at the end what was found. */
import type { OpenProgress } from '../../main/host/api/api.ts';
import { announce } from '../app/announce.ts';
import { openPanel } from '../app/frame-state.ts';
import { useSession } from '../app/session.ts';
import { toast } from '../app/toasts.ts';
import { useWorkspace } from '../app/workspace.ts';
import { showItem } from './show-item.ts';

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** "480 images, 20 other files skipped, 1 unreadable". */
export function countsText({ filesSeen, skipped, unreadable }: OpenProgress): string {
  const images = Math.max(0, filesSeen - skipped - unreadable.length);
  const parts = [plural(images, 'image file', 'image files')];
  if (skipped > 0) parts.push(`${plural(skipped, 'other file', 'other files')} skipped`);
  if (unreadable.length > 0) parts.push(`${unreadable.length} unreadable`);
  return parts.join(', ');
}

function finished(progress: OpenProgress): void {
  const found = plural(progress.items.length, 'item', 'items');
  if (progress.state === 'failed') toast(progress.error ?? 'The search failed.', 'danger');
  else if (progress.items.length === 0)
    toast(`Nothing to show was found: ${countsText(progress)}.`, 'warning', {
      hint: 'Tangent opens DICOM, NIfTI, ISMRMRD, fastMRI, BART and NumPy files.',
    });
  else announce(`Opened ${found}: ${countsText(progress)}.`);
}

const followed = new Set<string>();

function followScan(scan: string): void {
  followed.add(scan);
  let shown = false;
  const look = () => {
    const { opening, items } = useSession.getState();
    const progress = opening.get(scan);
    if (progress === undefined) return;
    const first = progress.items.find((id) => items.get(id)?.problem === null) ?? progress.items[0];
    if (!shown && first !== undefined && items.has(first)) {
      shown = true;
      openPanel('library');
      const { contents } = useWorkspace.getState();
      if (contents.every((content) => content === null)) void showItem(first);
      else useSession.setState({ selected: first });
    }
    if (progress.state !== 'running') {
      stop();
      finished(progress);
    }
  };
  const stop = useSession.subscribe(look);
  look();
}

/** What the program was started with is open before the page connects, and its search is over or under way. */
function showWhatIsOpen(): void {
  const { connected, items } = useSession.getState();
  const { contents } = useWorkspace.getState();
  if (!connected || contents.some((content) => content !== null)) return;
  const first = [...items.values()].find(
    ({ kind, problem }) => (kind === 'series' || kind === 'scan') && problem === null,
  );
  if (first !== undefined) void showItem(first.id);
}

/** Follows every search from now on, whoever began it: this page, another tab, the command line. Returns the way to stop. */
export function followScans(): () => void {
  const stopConnecting = useSession.subscribe((state, before) => {
    if (state.connected && !before.connected) showWhatIsOpen();
  });
  const stopSearches = useSession.subscribe(({ opening }) => {
    for (const scan of opening.keys()) if (!followed.has(scan)) followScan(scan);
  });
  showWhatIsOpen();
  return () => {
    stopConnecting();
    stopSearches();
  };
}
