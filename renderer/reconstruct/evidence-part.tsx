/** What was measured and what the prior supplied: overlay, legend and sentence. */
import { useEffect, useState } from 'react';
import { useWorkspace } from '../app/workspace.ts';
import { Switch } from '../components/switch.tsx';
import { MapLegend } from './map-legend.tsx';
import { overlayOf, setOverlay } from './overlays.ts';
import { priorShare, type Share } from './prior-share.ts';
import { evidenceSentence } from './result-sentences.ts';
import type { ResultPartProps } from './result-summary.tsx';

export function EvidencePart({ item, record }: ResultPartProps) {
  const shown = useWorkspace((state) => overlayOf(state.contents, item.id) === 'evidence');
  const [share, setShare] = useState<Share | null>(null);
  const has = item.components.some(({ name }) => name === 'evidence');
  useEffect(() => {
    if (!has) return;
    const stop = new AbortController();
    priorShare(item, stop.signal).then(setShare, () => setShare(null));
    return () => stop.abort();
  }, [item, has]);
  if (!has)
    return record.prior === null ? null : (
      <section aria-label="Evidence" className="result-part">
        <h3>Evidence</h3>
        <p className="field-help">This result holds no evidence map.</p>
      </section>
    );
  return (
    <section aria-label="Evidence" className="result-part">
      <div className="result-part-head">
        <h3>Evidence</h3>
        <Switch
          label="Show on the image"
          isSelected={shown}
          onChange={(on) => setOverlay(item.id, on ? 'evidence' : null)}
        />
      </div>
      <p>
        {share === null
          ? 'Which part of the signal the data determine, and which the prior supplied.'
          : evidenceSentence(share.share, record.prior?.name ?? null)}
      </p>
      {share !== null && share.looked < share.of && (
        <p className="field-help">{`Over ${share.looked} of ${share.of} slices, evenly spaced.`}</p>
      )}
      <MapLegend map="evidence" low="measured" high="supplied by the prior" />
    </section>
  );
}
