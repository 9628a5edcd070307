/** Stands in until the room is built. */
import { Panel } from '../components/panel.tsx';

export function SettingsPanel() {
  return <Panel title="Settings">{null}</Panel>;
}
