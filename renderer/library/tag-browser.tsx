/** Stands in until the room is built. */
import { Panel } from '../components/panel.tsx';

export function TagBrowser() {
  return <Panel title="Tags">{null}</Panel>;
}
