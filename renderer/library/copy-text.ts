/** Puts text on the clipboard and says so. */
import { toast } from '../app/toasts.ts';

export function copyText(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast('Copied.', 'ok'),
    () => toast('The clipboard could not be reached.', 'warning'),
  );
}
