/** A button that, once pressed, takes the next keys pressed; Escape gives up. */
import { useEffect, useRef, useState } from 'react';
import { announce } from '../app/announce.ts';
import { keyLabel, keyOf } from '../app/key-names.ts';
import { Icon } from '../components/icon.tsx';

interface Props {
  label: string;
  disabled: boolean;
  onKey: (key: string) => void;
}

export function KeyRecorder({ label, disabled, onKey }: Props) {
  const [recording, setRecording] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!recording) return;
    const take = (event: KeyboardEvent) => {
      // Tab keeps moving the focus, which ends the recording.
      if (event.key === 'Tab') return;
      event.preventDefault();
      event.stopPropagation();
      const key = keyOf(event);
      if (key === null) return;
      setRecording(false);
      if (key === 'Escape') return;
      announce(`${keyLabel(key)} added`);
      onKey(key);
    };
    const node = button.current;
    node?.addEventListener('keydown', take, true);
    return () => node?.removeEventListener('keydown', take, true);
  }, [recording, onKey]);
  return (
    <button
      ref={button}
      type="button"
      className="button button-quiet key-recorder"
      aria-label={recording ? 'Press the keys' : label}
      aria-pressed={recording}
      disabled={disabled}
      {...(recording ? { 'data-key-capture': '' } : {})}
      onClick={() => setRecording(true)}
      onBlur={() => setRecording(false)}
    >
      {recording ? 'Press keys…' : <Icon name="plus" size={14} />}
    </button>
  );
}
