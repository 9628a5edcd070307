/** The polite live region that `announce` writes to. */
import { useAnnouncement } from './announce.ts';

export function LiveRegion() {
  const { text, turn } = useAnnouncement();
  // A no-break space on every other turn makes equal words a change.
  return (
    <p className="visually-hidden" role="status" aria-live="polite" data-testid="announcements">
      {turn % 2 === 0 ? text : `${text}\u00a0`}
    </p>
  );
}
