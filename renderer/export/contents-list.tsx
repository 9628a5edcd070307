/** What will be in the files: identity, labels, warnings. */
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import type { ExportContents } from './export-contents.ts';

const identities = {
  kept: 'Name, number and study of the patient go with the files.',
  removed: 'Identity is removed from the headers; a face in slices of a head, and text drawn into pixels, are not.',
  none: 'No name, number or date of the patient.',
} as const;

export function ContentsList({ contents }: { contents: ExportContents }) {
  const { identity, labels, warnings } = contents;
  return (
    <section className="export-contents" aria-labelledby="export-contents-title">
      <h3 id="export-contents-title">In the files</h3>
      <ul>
        <li>
          <Icon name={identity === 'kept' ? 'warning' : 'check'} size={16} />
          {identities[identity]}
        </li>
        {labels.map((label) => (
          <li key={label}>
            <Icon name="check" size={16} />
            {label}
          </li>
        ))}
      </ul>
      {warnings.length > 0 && (
        <Notice
          tone="warning"
          title={warnings.length === 1 ? 'One warning goes with them' : `${warnings.length} warnings go with them`}
        >
          <ul className="export-warnings">
            {warnings.map(({ code, message }) => (
              <li key={code + message}>{message}</li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
}
