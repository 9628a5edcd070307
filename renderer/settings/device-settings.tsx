/** What reconstructions run on, and what this machine has. */
import { changeSettings } from '../app/change-settings.ts';
import { useSession } from '../app/session.ts';
import { Icon } from '../components/icon.tsx';
import { NumberField } from '../components/number-field.tsx';
import { Select } from '../components/select.tsx';

const names = { auto: 'Automatic', cpu: 'Processor', webgpu: 'Graphics (WebGPU)', cuda: 'NVIDIA (CUDA)' } as const;
type Device = keyof typeof names;
const isDevice = (name: string): name is Device => Object.hasOwn(names, name);

export function DeviceSettings() {
  const { device, threads } = useSession((state) => state.settings);
  const devices = useSession((state) => state.app?.devices) ?? [];
  const options = (['auto', 'cpu', 'webgpu', 'cuda'] as const).map((id) => {
    const found = devices.find((one) => one.name === id);
    const missing = found !== undefined && !found.available;
    return {
      id,
      title: names[id],
      summary: id === 'auto' ? 'The fastest one that works' : missing ? `Not available: ${found.reason}` : '',
      disabled: missing,
    };
  });
  return (
    <section className="settings-part" aria-label="Computing">
      <h3>Computing</h3>
      <Select
        label="Device"
        options={options}
        value={device}
        onChange={(id) => {
          if (isDevice(id)) changeSettings({ device: id });
        }}
      />
      <NumberField
        label="Threads"
        help="0: as many as the processor has."
        minValue={0}
        maxValue={1024}
        step={1}
        value={threads}
        onChange={(value) => {
          if (Number.isInteger(value)) changeSettings({ threads: value });
        }}
      />
      {devices.length > 0 && (
        <ul className="device-list" aria-label="Devices of this machine">
          {devices.map(({ name, available, reason }) => (
            <li key={name} className={available ? 'device device-there' : 'device'}>
              <Icon name={available ? 'ok' : 'info'} size={16} />
              <div>
                <strong>{isDevice(name) ? names[name] : name}</strong>{' '}
                <span className="device-state">{available ? 'works' : 'not available'}</span>
                {reason !== '' && <p className="field-help">{reason}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
