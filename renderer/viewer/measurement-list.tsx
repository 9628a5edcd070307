/** All measurements as a table: rename, jump to, delete; as CSV, or as a DICOM structured report. */
import { useMemo } from 'react';
import { announce } from '../app/announce.ts';
import { host, useSession } from '../app/session.ts';
import { toast, toastError } from '../app/toasts.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { scrollTo } from './actions/view-actions.ts';
import { useMeasurementRows } from './measure/measurement-rows.ts';
import { valueLines } from './measure/measurement-values.ts';
import { removeMeasurement, renameMeasurement, select, useMeasurements } from './measure/measurements.ts';
import { measurementsCsv } from './measure/measurements-csv.ts';
import { useViewState } from './view-state.ts';
import '../components/table.css';
import './measurement-list.css';

function jump(item: string, slice: number, id: string): void {
  const { contents, active, show } = useWorkspace.getState();
  const at = contents.findIndex((one) => one !== null && 'item' in one && one.item === item);
  if (at === -1) show({ item, component: 'image' }, active);
  const index = at === -1 ? active : at;
  useWorkspace.getState().setActive(index);
  select(id);
  // A stack that was just put up is there in a moment.
  setTimeout(() => scrollTo(index, slice), at === -1 ? 300 : 0);
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function MeasurementList() {
  const rows = useMeasurementRows();
  const selected = useMeasurements((state) => state.selected);
  const items = useSession((state) => state.items);
  const itemsShown = useMemo(() => [...new Set(rows.map(({ item }) => item))], [rows]);

  const report = async (): Promise<void> => {
    try {
      for (const item of itemsShown)
        await host().call('jobs.start', {
          kind: 'export',
          item,
          format: 'dicom-sr',
          measurements: rows.filter((row) => row.item === item).map(({ row }) => row),
        });
      toast('The structured report is being written; see the jobs.', 'info');
    } catch (thrown) {
      toastError(thrown);
    }
  };

  return (
    <aside className="measurement-list" aria-label="Measurements">
      <header>
        <h2>Measurements</h2>
        <IconButton
          label="Close the list"
          icon="close"
          onPress={() => useViewState.setState({ list: false })}
          placement="left"
        />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" aria-label="Table of measurements" tabIndex={0}>
        <table className="table" aria-label="Measurements">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Values</th>
              <th scope="col" className="table-number">
                Slice
              </th>
              <th scope="col">
                <span className="visually-hidden">Delete</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, item, row }) => (
              <tr key={id} className={id === selected ? 'table-selected' : undefined}>
                <th scope="row">
                  <input
                    key={row.label}
                    aria-label={`Name of ${row.label}`}
                    defaultValue={row.label}
                    onFocus={() => select(id)}
                    onBlur={(event) => renameMeasurement(id, event.currentTarget.value)}
                    onKeyDown={(event) => {
                      if (event.key === 'Enter') event.currentTarget.blur();
                    }}
                  />
                  <span className="measurement-item">{items.get(item)?.title ?? ''}</span>
                </th>
                <td className="measurement-values">
                  {valueLines(row.values).map((line) => (
                    <span key={line}>{line}</span>
                  ))}
                </td>
                <td className="table-number">
                  <button
                    type="button"
                    className="measurement-jump"
                    aria-label={`Go to ${row.label} on slice ${row.slice + 1}`}
                    onClick={() => jump(item, row.slice, id)}
                  >
                    {row.slice + 1}
                  </button>
                </td>
                <td>
                  <IconButton
                    label={`Delete ${row.label}`}
                    icon="trash"
                    placement="left"
                    onPress={() => {
                      removeMeasurement(id);
                      announce(`${row.label} deleted`);
                    }}
                  />
                </td>
              </tr>
            ))}
            {rows.length === 0 && (
              <tr>
                <td colSpan={4} className="table-empty">
                  Nothing measured yet. D draws a length, E an ellipse, X reads a pixel.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
      <footer>
        <Button
          isDisabled={rows.length === 0}
          onPress={() =>
            download(
              'measurements.csv',
              measurementsCsv(rows.map(({ row, item }) => ({ ...row, series: items.get(item)?.title ?? item }))),
            )
          }
        >
          Save as CSV
        </Button>
        <Button isDisabled={rows.length === 0} onPress={() => void report()}>
          DICOM report
        </Button>
      </footer>
    </aside>
  );
}
