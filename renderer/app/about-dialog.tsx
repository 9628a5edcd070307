/** What this program is, which version, and what it must not be used for. */
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { errorReport } from './error-report.ts';
import { useSession } from './session.ts';
import { notice } from './status-line.tsx';
import { toast } from './toasts.ts';

export function AboutDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const app = useSession((state) => state.app);
  const copy = () => {
    void navigator.clipboard.writeText(errorReport(undefined)).then(
      () => toast('Copied.', 'ok'),
      () => toast('The clipboard could not be reached.', 'warning'),
    );
  };
  return (
    <Dialog
      title="About Tangent"
      isOpen={isOpen}
      onClose={onClose}
      width="narrow"
      actions={<Button onPress={copy}>Copy system report</Button>}
    >
      <p>Version {app?.version}</p>
      <p>Reconstructs undersampled MRI and CT with the Decomposed Diffusion Sampler, on your own computer.</p>
      <Notice tone="warning">{app?.notice || notice}</Notice>
    </Dialog>
  );
}
