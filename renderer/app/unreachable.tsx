/** Shown when the page could not reach its host at the start. */
import { Button } from '../components/button.tsx';
import './error-boundary.css';

export function Unreachable({ thrown }: { thrown: unknown }) {
  return (
    <div className="error-boundary" role="alert">
      <h1>Tangent cannot be reached</h1>
      <p>{thrown instanceof Error ? thrown.message : 'The host did not answer.'}</p>
      <p>Open the link that “tangent studio” printed, or start it again. Nothing of your work is lost.</p>
      <div className="error-boundary-actions">
        <Button variant="primary" onPress={() => location.reload()}>
          Try again
        </Button>
      </div>
    </div>
  );
}
