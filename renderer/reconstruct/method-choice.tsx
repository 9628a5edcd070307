/** The two first choices: by which method, and in which of its ready-made ways. */
import { Select } from '../components/select.tsx';
import type { Draft, MethodList } from './draft.ts';

export interface ChoiceProps {
  draft: Draft;
  methods: MethodList;
  change: (change: Partial<Draft>) => void;
}

/** The first sentence of a longer text. */
const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;

export function MethodChoice({ draft, methods, change }: ChoiceProps) {
  const method = methods.methods.find(({ id }) => id === draft.method);
  const presets = method?.presets ?? [];
  const chosen = presets.find(({ id }) => id === draft.preset);
  return (
    <>
      <Select
        label="Method"
        options={methods.methods.map(({ id, title, summary }) => ({ id, title, summary: firstSentence(summary) }))}
        value={draft.method}
        onChange={(id) => change({ method: id, preset: 'none' })}
        {...(method === undefined ? {} : { help: method.summary })}
      />
      {presets.length > 0 && (
        <Select
          label="Preset"
          options={[{ id: 'none', title: 'Automatic', summary: 'Chosen for this scan from those below.' }, ...presets]}
          value={draft.preset}
          onChange={(preset) => change({ preset })}
          help={chosen?.summary ?? 'Chosen for this scan by its coils, sampling and number of samples.'}
        />
      )}
    </>
  );
}
