/** Curves on one pair of axes (uPlot), with the same numbers as a table. */
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSession } from '../app/session.ts';
import { Disclosure } from '../components/disclosure.tsx';
import { Table } from '../components/table.tsx';
import { curveData, type Series, usesLogarithm } from './curve-data.ts';
import './curve-chart.css';

export interface CurveChartProps {
  label: string;
  x: { title: string; values: readonly (number | null)[] };
  series: readonly Series[];
  /** Absent: logarithmic where the values are positive and span more than two decades. */
  logarithmic?: boolean;
  height?: number;
}

const colourTokens = ['--accent', '--warning', '--ok', '--danger', '--text-2'] as const;
const dashes = [undefined, [6, 4], [2, 3], [10, 3, 2, 3], [1, 3]] as const;
const mostRows = 400;

const short = (value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(5))));

function draw(target: HTMLElement, { x, series, height = 180, logarithmic }: CurveChartProps): uPlot {
  const style = getComputedStyle(target);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const grid = { stroke: token('--line'), width: 1 };
  const axis = { stroke: token('--text-2'), grid, ticks: grid, font: `11px ${style.fontFamily}` };
  const log = logarithmic ?? usesLogarithm(series);
  return new uPlot(
    {
      width: Math.max(160, target.clientWidth),
      height,
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [
        { ...axis, label: x.title, labelSize: 18, labelFont: `11px ${style.fontFamily}`, size: 30 },
        { ...axis, size: 54, values: (_, splits) => splits.map((value) => (value === null ? '' : short(value))) },
      ],
      series: [
        {},
        ...series.map(({ title }, index) => {
          const dash = dashes[index % dashes.length];
          return {
            label: title,
            stroke: token(colourTokens[index % colourTokens.length]),
            width: 1.75,
            points: { show: x.values.length < 40, size: 5 },
            ...(dash === undefined ? {} : { dash: [...dash] }),
          };
        }),
      ],
    },
    curveData(x.values, series),
    target,
  );
}

export function CurveChart(props: CurveChartProps) {
  const { label, x, series } = props;
  const frame = useRef<HTMLDivElement>(null);
  const theme = useSession((state) => state.settings.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read anew in the other theme
  useEffect(() => {
    const target = frame.current;
    if (target === null) return;
    let plot = draw(target, props);
    let width = target.clientWidth;
    const observer = new ResizeObserver(() => {
      if (Math.abs(target.clientWidth - width) < 2) return;
      width = target.clientWidth;
      plot.setSize({ width: Math.max(160, width), height: props.height ?? 180 });
    });
    observer.observe(target);
    // The theme is set on the root after this effect ran.
    const again = requestAnimationFrame(() => {
      plot.destroy();
      plot = draw(target, props);
    });
    return () => {
      cancelAnimationFrame(again);
      observer.disconnect();
      plot.destroy();
    };
  }, [theme, x, series]);
  const rows = x.values.slice(0, mostRows);
  return (
    <figure className="curve-chart">
      <figcaption className="curve-caption">
        <span>{label}</span>
        {series.length > 1 && (
          <ul className="curve-legend">
            {series.map(({ title }, index) => (
              <li key={title} data-series={index % colourTokens.length}>
                {title}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      <div ref={frame} className="curve-frame" aria-hidden="true" />
      <Disclosure title="Numbers" detail={`${x.values.length} rows`}>
        <Table
          label={`${label}, numbers`}
          columns={[
            { id: 'x', title: x.title, numeric: true },
            ...series.map(({ title }, index) => ({ id: `s${index}`, title, numeric: true })),
          ]}
          rows={rows.map((value, row) => ({
            id: String(row),
            cells: {
              x: short(value),
              ...Object.fromEntries(series.map(({ values }, index) => [`s${index}`, short(values[row] ?? null)])),
            },
          }))}
        />
        {rows.length < x.values.length && (
          <p className="field-help">{`The first ${mostRows} of ${x.values.length} rows.`}</p>
        )}
      </Disclosure>
    </figure>
  );
}
