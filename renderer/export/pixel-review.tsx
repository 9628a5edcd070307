/** Looking at the pixels before they leave: slices side by side, every slice by hand, and then the user's word for it. */
import { useState } from 'react';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { Slider } from '../components/slider.tsx';
import { SlicePicture } from './slice-picture.tsx';

export interface PixelReviewProps {
  item: ItemDescription;
  component: string;
  reviewed: boolean;
  onReviewed: (reviewed: boolean) => void;
}

const shownAtOnce = 6;

/** First, last and those between, evenly. */
export function slicesToShow(count: number): number[] {
  const shown = Math.min(count, shownAtOnce);
  return Array.from({ length: shown }, (_, i) => (shown === 1 ? 0 : Math.round((i * (count - 1)) / (shown - 1))));
}

export function PixelReview({ item, component: name, reviewed, onReviewed }: PixelReviewProps) {
  const component = item.components.find((each) => each.name === name) ?? item.components[0];
  const count = component?.shape[0] ?? 0;
  const [slice, setSlice] = useState(Math.floor(count / 2));
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());
  if (component === undefined || count === 0) return <p className="field-help">There is no picture to look at.</p>;
  const few = slicesToShow(count);
  const looked = seen.size > 0;
  return (
    <div className="pixel-review">
      <p>
        Names, dates and numbers can be drawn into the pixels themselves, where no program finds them for sure. Look at
        the slices below, at the corners above all.
      </p>
      <SlicePicture
        className="pixel-review-large"
        item={item}
        component={component}
        slice={Math.min(slice, count - 1)}
        label={`Slice ${slice + 1} of ${count}, enlarged`}
        onShown={() => setSeen((before) => new Set([...before, slice]))}
      />
      <Slider
        label="Slice"
        minValue={1}
        maxValue={count}
        value={slice + 1}
        onChange={(value) => setSlice(value - 1)}
        format={(value) => `${value} of ${count}`}
      />
      <ul className="pixel-review-few" aria-label="Slices at a glance">
        {few.map((each) => (
          <li key={each}>
            <button
              type="button"
              aria-label={`Enlarge slice ${each + 1}`}
              aria-pressed={each === slice}
              onClick={() => setSlice(each)}
            >
              <SlicePicture item={item} component={component} slice={each} label={`Slice ${each + 1}`} />
              <span aria-hidden="true">{each + 1}</span>
            </button>
          </li>
        ))}
      </ul>
      <Checkbox
        label="I have looked: no text of the patient is in the pixels"
        {...(looked ? {} : { help: 'The slices have to appear first.' })}
        isDisabled={!looked}
        isSelected={reviewed}
        onChange={onReviewed}
      />
    </div>
  );
}
