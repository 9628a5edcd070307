/** Warnings of a result: part of every picture it made, so they can be unfolded but not taken away. */
import { useState } from 'react';
import { Icon } from '../components/icon.tsx';
import { warningsOf } from './display/result-facts.ts';
import type { Source } from './source/source.ts';

export function WarningBanner({ source }: { source: Source | null }) {
  const [open, setOpen] = useState(false);
  const warnings = source === null ? [] : warningsOf(source);
  if (warnings.length === 0) return null;
  const title = warnings.length === 1 ? 'Warning' : `${warnings.length} warnings`;
  return (
    <div className="viewport-warning" role="note" aria-label={title}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="warning" size={16} />
        <strong>{title}</strong>
        {!open && <span>{warnings[0]}</span>}
      </button>
      {open && (
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
