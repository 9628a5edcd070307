/** Looks, privacy, devices and keys; kept by the host for window and browser alike. */
import { changeSettings } from '../app/change-settings.ts';
import { useSession } from '../app/session.ts';
import { Panel } from '../components/panel.tsx';
import { Select } from '../components/select.tsx';
import { Switch } from '../components/switch.tsx';
import { DeviceSettings } from './device-settings.tsx';
import { KeyEditor } from './key-editor.tsx';
import './settings.css';

const themes = [
  { id: 'dark', title: 'Dark' },
  { id: 'light', title: 'Light' },
  { id: 'system', title: 'As the system' },
] as const;
const corners = [
  { id: 'full', title: 'Full' },
  { id: 'short', title: 'Short' },
  { id: 'off', title: 'Off' },
] as const;

/** The member of `options` with this id. */
const pick = <T extends string>(options: readonly { id: T }[], id: string): T | undefined =>
  options.find((option) => option.id === id)?.id;

export function SettingsPanel() {
  const settings = useSession((state) => state.settings);
  return (
    <Panel title="Settings">
      <section className="settings-part" aria-label="Appearance">
        <h3>Appearance</h3>
        <Select
          label="Theme"
          options={themes}
          value={settings.theme}
          onChange={(id) => {
            const theme = pick(themes, id);
            if (theme !== undefined) changeSettings({ theme });
          }}
        />
        <Select
          label="Corner text in viewports"
          options={corners}
          value={settings.cornerText}
          onChange={(id) => {
            const cornerText = pick(corners, id);
            if (cornerText !== undefined) changeSettings({ cornerText });
          }}
        />
        <Switch
          label="Smooth images between pixels"
          isSelected={settings.interpolation}
          onChange={(interpolation) => changeSettings({ interpolation })}
        />
        <Switch
          label="Less motion"
          help="No moving transitions, whatever the system says."
          isSelected={settings.reducedMotion}
          onChange={(reducedMotion) => changeSettings({ reducedMotion })}
        />
      </section>
      <section className="settings-part" aria-label="Privacy">
        <h3>Privacy</h3>
        <Switch
          label="Hide patient identity"
          help="Names, ids, birth dates and institutions disappear from the screen; files are not changed."
          isSelected={settings.hideIdentity}
          onChange={(hideIdentity) => changeSettings({ hideIdentity })}
        />
      </section>
      <DeviceSettings />
      <KeyEditor />
    </Panel>
  );
}
