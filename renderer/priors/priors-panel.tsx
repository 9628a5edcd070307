/** Stands in until the room is built. */
import { Panel } from '../components/panel.tsx';

export function PriorsPanel() {
  return <Panel title="Priors">{null}</Panel>;
}
