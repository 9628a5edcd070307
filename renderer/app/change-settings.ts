/** Changes settings at once on the screen and then in the host; a refusal puts the old ones back. */
import type { Settings } from '../../main/host/api/settings.ts';
import { host, useSession } from './session.ts';
import { toastError } from './toasts.ts';

export function changeSettings(change: Partial<Settings>): void {
  const before = useSession.getState().settings;
  useSession.setState({ settings: { ...before, ...change } });
  host()
    .call('settings.write', change)
    .then(
      (settings) => useSession.setState({ settings }),
      (thrown: unknown) => {
        useSession.setState({ settings: before });
        toastError(thrown);
      },
    );
}
