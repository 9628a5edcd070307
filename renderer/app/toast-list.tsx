/** The notes in the corner. They are read aloud by the live region, so the list itself is quiet. */
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { useToasts } from './toasts.ts';
import './toast-list.css';

export function ToastList() {
  const { toasts, dismiss } = useToasts();
  return (
    <section className="toasts" aria-label="Notes">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast toast-${toast.tone}`}>
          <Icon name={toast.tone} />
          <div className="toast-text">
            <p>{toast.text}</p>
            {toast.hint !== undefined && <p className="toast-hint">{toast.hint}</p>}
            {toast.action !== undefined && (
              <Button
                onPress={() => {
                  toast.action?.run();
                  dismiss(toast.id);
                }}
              >
                {toast.action.title}
              </Button>
            )}
          </div>
          <IconButton label="Dismiss" icon="close" placement="left" onPress={() => dismiss(toast.id)} />
        </div>
      ))}
    </section>
  );
}
