/** One curve against the step, as a small drawing; first, best and last value stand in words. */

const width = 320;
const height = 96;

/** Points of the curve in drawing units: x over the steps, y over the values, larger values higher. */
export function curvePath(points: readonly (readonly [number, number])[]): string {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length < 2) return '';
  const xs = finite.map(([x]) => x);
  const ys = finite.map(([, y]) => y);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const across = (x: number) => ((x - x0) / (x1 - x0 || 1)) * width;
  const up = (y: number) => height - 4 - ((y - y0) / (y1 - y0 || 1)) * (height - 8);
  return finite
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${across(x).toFixed(1)} ${up(y).toFixed(1)}`)
    .join('');
}

const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function CurvePlot({ name, points }: { name: string; points: readonly (readonly [number, number])[] }) {
  const path = curvePath(points);
  const [last] = points.slice(-1);
  const [first] = points;
  const ys = points.map(([, y]) => y).filter(Number.isFinite);
  return (
    <figure className="curve">
      <figcaption>
        <strong>{name}</strong>
        {last !== undefined && first !== undefined && (
          <span className="field-help">
            {digits(first[1])} at the start, lowest {digits(Math.min(...ys))}, now {digits(last[1])} (step {last[0]})
          </span>
        )}
      </figcaption>
      {path !== '' && (
        <svg viewBox={`0 0 ${width} ${height}`} className="curve-drawing" preserveAspectRatio="none" aria-hidden="true">
          <path d={path} fill="none" stroke="var(--accent)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </figure>
  );
}
