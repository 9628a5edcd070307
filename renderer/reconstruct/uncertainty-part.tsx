/** How far the samples differ, and whether that spread can be trusted. */
import { useWorkspace } from '../app/workspace.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Switch } from '../components/switch.tsx';
import { Table } from '../components/table.tsx';
import { MapLegend } from './map-legend.tsx';
import { overlayOf, setOverlay } from './overlays.ts';
import { calibrationSentence, figure, percent, samplesOf, uncertaintySentence } from './result-sentences.ts';
import type { ResultPartProps } from './result-summary.tsx';

export function UncertaintyPart({ item, record }: ResultPartProps) {
  const shown = useWorkspace((state) => overlayOf(state.contents, item.id) === 'std');
  const std = item.components.find(({ name }) => name === 'std');
  const samples = samplesOf(record);
  if (std === undefined)
    return record.prior === null ? null : (
      <section aria-label="Uncertainty" className="result-part">
        <h3>Uncertainty</h3>
        <p className="field-help">One sample says nothing about its spread. Reconstruct with more samples to see it.</p>
      </section>
    );
  const unit = std.unit === 'arbitrary' ? '' : ` ${std.unit}`;
  return (
    <section aria-label="Uncertainty" className="result-part">
      <div className="result-part-head">
        <h3>Uncertainty</h3>
        {samples < 8 && <Badge tone="warning">indicative</Badge>}
        <Switch
          label="Show on the image"
          isSelected={shown}
          onChange={(on) => setOverlay(item.id, on ? 'std' : null)}
        />
      </div>
      <p>{uncertaintySentence(samples)}</p>
      <MapLegend map="uncertainty" low="0" high={`${figure(std.range[1])}${unit}`} />
      {record.calibration !== undefined && (
        <Table
          label="Calibration of the spread"
          columns={[
            { id: 'band', title: 'Mean ± k standard deviations' },
            { id: 'nominal', title: 'Should hold', numeric: true },
            { id: 'observed', title: 'Holds', numeric: true },
          ]}
          rows={record.calibration.map(({ nominal, observed }, index) => ({
            id: String(nominal),
            cells: { band: `k = ${index + 1}`, nominal: percent(nominal), observed: percent(observed) },
          }))}
        />
      )}
      <p>{calibrationSentence(record.calibration)}</p>
      <div className="button-row">
        <Button
          variant="quiet"
          onPress={() => useWorkspace.getState().show({ item: item.id, component: 'std', label: 'Uncertainty' })}
        >
          Show the map alone
        </Button>
      </div>
    </section>
  );
}
