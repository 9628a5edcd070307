/** Puts the command line that does the same on the clipboard. */
import type { CallInput } from '../../main/host/api/api.ts';
import { host } from '../app/session.ts';
import { toastError } from '../app/toasts.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { copyText } from '../library/copy-text.ts';

type Asked = CallInput<'results.command'>;

export async function copyCommand(asked: Asked): Promise<void> {
  try {
    const { command } = await host().call('results.command', asked);
    copyText(command);
  } catch (thrown) {
    toastError(thrown);
  }
}

export function CommandButton(asked: Asked) {
  return (
    <Button icon={<Icon name="copy" size={16} />} onPress={() => void copyCommand(asked)}>
      Copy as command
    </Button>
  );
}
