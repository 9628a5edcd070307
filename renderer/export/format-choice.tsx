/** The formats as cards, one of which is chosen. */
import { Label, Radio, RadioGroup } from 'react-aria-components';
import type { ExportFormat, FormatCard } from './export-formats.ts';

export interface FormatChoiceProps {
  cards: readonly FormatCard[];
  value: ExportFormat;
  onChange: (format: ExportFormat) => void;
}

export function FormatChoice({ cards, value, onChange }: FormatChoiceProps) {
  return (
    <RadioGroup className="format-choice" value={value} onChange={(id) => onChange(id as ExportFormat)}>
      <Label className="field-label">Format</Label>
      {cards.map(({ id, title, sentence, unavailable }) => (
        <Radio key={id} value={id} className="format-card" isDisabled={unavailable !== null}>
          <span className="format-dot" aria-hidden="true" />
          <span className="format-text">
            <strong>{title}</strong>
            <span className="format-sentence">{unavailable ?? sentence}</span>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
