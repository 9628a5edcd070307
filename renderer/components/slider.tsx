/** A value on a track, with its number beside the label. */
import {
  type SliderProps as AriaProps,
  Slider as AriaSlider,
  Label,
  SliderFill,
  SliderOutput,
  SliderThumb,
  SliderTrack,
} from 'react-aria-components';
import './slider.css';

export interface SliderProps extends Omit<AriaProps<number>, 'className' | 'children'> {
  label: string;
  /** The label is read aloud only, the number not shown. */
  compact?: boolean;
  /** How the number reads; absent: as it is. */
  format?: (value: number) => string;
}

export function Slider({ label, compact = false, format, ...rest }: SliderProps) {
  return (
    <AriaSlider {...rest} className="slider" {...(compact ? { 'aria-label': label } : {})}>
      {!compact && (
        <div className="slider-head">
          <Label className="field-label">{label}</Label>
          <SliderOutput className="slider-output">
            {({ state }) => {
              const value = state.values[0] ?? 0;
              return format === undefined ? String(value) : format(value);
            }}
          </SliderOutput>
        </div>
      )}
      <SliderTrack className="slider-track">
        <SliderFill className="slider-fill" />
        <SliderThumb className="slider-thumb" />
      </SliderTrack>
    </AriaSlider>
  );
}
