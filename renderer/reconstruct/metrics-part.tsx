/** Figures against the reference, of the result and of every method it was compared with. */
import type { ReactNode } from 'react';
import { useWorkspace } from '../app/workspace.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Table } from '../components/table.tsx';
import { type MethodRow, methodRows } from './method-rows.ts';
import { figure } from './result-sentences.ts';
import type { ResultPartProps } from './result-summary.tsx';

/** "0 to 1.93 mm⁻¹": what PSNR and SSIM are relative to. */
function rangeSentence(item: ResultPartProps['item'], unit: string | undefined): string {
  const reference = item.components.find(({ name }) => name === 'reference');
  if (reference === undefined) return '';
  const high = reference.range[1];
  const named = unit === undefined || unit === 'arbitrary' ? '' : ` ${unit}`;
  return unit === 'HU'
    ? ''
    : ` Data range: maximum of the reference, ${figure(high)}${named}, over all slices, without mask or crop.`;
}

function Best({ text }: { text: string }) {
  return (
    <span className="best">
      <span aria-hidden="true">★ </span>
      {text}
      <span className="visually-hidden"> (best)</span>
    </span>
  );
}

const scores = ['psnr', 'ssim', 'nmse'] as const;

function scoreCells(figures: Pick<MethodRow, 'psnr' | 'ssim' | 'nmse'>, best: MethodRow['best']) {
  const cells: Record<string, ReactNode> = {};
  for (const name of scores) cells[name] = best.includes(name) ? <Best text={figures[name]} /> : figures[name];
  return cells;
}

export function MetricsPart({ item, record }: ResultPartProps) {
  const rows = methodRows(record);
  const scored = record.metrics !== undefined || Object.values(record.baselines).some((one) => one.metrics);
  if (rows.length === 1 && !scored) return null;
  const has = (name: string) => item.components.some((component) => component.name === name);
  const component = (id: string, main: boolean) => (main ? 'image' : id);
  return (
    <section aria-label="Quality" className="result-part">
      <h3>{rows.length > 1 ? 'Methods compared' : 'Quality'}</h3>
      <Table
        label="Methods compared"
        columns={[
          { id: 'method', title: 'Method' },
          ...(scored
            ? [
                { id: 'psnr', title: 'PSNR, dB', numeric: true },
                { id: 'ssim', title: 'SSIM', numeric: true },
                { id: 'nmse', title: 'NMSE', numeric: true },
              ]
            : []),
          { id: 'residual', title: 'Residual', numeric: true },
        ]}
        rows={rows.map(({ id, title, main, best, ...figures }) => ({
          id: main ? `${id} (this)` : id,
          selected: main,
          cells: {
            method: has(component(id, main)) ? (
              <Button
                variant="quiet"
                className="table-button"
                aria-label={`Show ${title}`}
                onPress={() =>
                  useWorkspace.getState().show({ item: item.id, component: component(id, main), label: title })
                }
              >
                {title}
              </Button>
            ) : (
              title
            ),
            residual: figures.residual,
            ...scoreCells(figures, best),
          },
        }))}
      />
      <p className="field-help">
        {scored
          ? `Against the reference, by fastMRI’s definitions; ★ best of its column. Residual: ‖Ax − y‖/‖y‖.${rangeSentence(item, record.unit)}`
          : 'Residual: ‖Ax − y‖/‖y‖. Without a reference errors cannot be measured.'}
      </p>
      {item.components.some(({ name }) => name === 'reference') && (
        <div className="button-row">
          <Badge>reference</Badge>
          <Button
            variant="quiet"
            onPress={() =>
              useWorkspace.getState().show({
                item: item.id,
                component: 'image',
                difference: { against: { item: item.id, component: 'reference' }, absolute: false, gain: 5 },
                label: 'Difference',
              })
            }
          >
            Show the difference
          </Button>
        </div>
      )}
    </section>
  );
}
