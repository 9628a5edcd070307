/** What the reconstruction will take here; a refusal is said with its numbers. */
import { Notice } from '../components/notice.tsx';
import { durationText } from '../jobs/duration-text.ts';
import { sizeText } from '../library/size-text.ts';
import type { EstimateState } from './estimator.ts';

export function EstimateLine({ state }: { state: EstimateState }) {
  if (state.state === 'waiting') return <p className="estimate">Estimating time and memory…</p>;
  if (state.state === 'failed')
    return <p className="estimate">{`No estimate: ${state.message}${state.hint === null ? '' : ` ${state.hint}`}`}</p>;
  const { seconds, bytes, availableBytes, networkCalls, text, fits } = state.estimate;
  if (!fits)
    return (
      <Notice tone="danger" title="This does not fit on this machine" live>
        {`It needs ${sizeText(bytes)}, ${sizeText(availableBytes)} are free. ${text}`}
      </Notice>
    );
  const calls = networkCalls === null ? '' : `, ${networkCalls} network evaluations`;
  return (
    <p className="estimate" title={text}>
      <strong>{`About ${durationText(seconds)}`}</strong>
      {`, ${sizeText(bytes)} of memory${calls}`}
    </p>
  );
}
