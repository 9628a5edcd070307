/** How far something is; `value` from 0 to 1, null when it cannot be known. */
import { ProgressBar as AriaProgressBar, Label } from 'react-aria-components';
import './progress-bar.css';

export interface ProgressBarProps {
  label: string;
  hideLabel?: boolean;
  value: number | null;
  /** Stands at the right: "step 12 of 50". */
  detail?: string;
}

export function ProgressBar({ label, hideLabel = false, value, detail }: ProgressBarProps) {
  return (
    <AriaProgressBar
      className="progress"
      minValue={0}
      maxValue={1}
      value={value ?? 0}
      isIndeterminate={value === null}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {({ percentage, valueText }) => (
        <>
          {(!hideLabel || detail !== undefined) && (
            <span className="progress-head">
              {!hideLabel && <Label>{label}</Label>}
              <span className="progress-detail">{detail ?? valueText}</span>
            </span>
          )}
          <span className="progress-track">
            <span
              className={value === null ? 'progress-fill progress-unknown' : 'progress-fill'}
              style={value === null ? {} : { width: `${percentage ?? 0}%` }}
            />
          </span>
        </>
      )}
    </AriaProgressBar>
  );
}
