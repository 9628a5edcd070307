/** When training has stopped helping: the mean validation loss has not fallen below its best for `patience` validations. */

export interface BestSoFar {
  /** Step of the lowest mean validation loss. */
  step: number;
  loss: number;
  /** Validations since then. */
  since: number;
}

export interface Judgement {
  best: BestSoFar;
  /** This validation is the best yet: its averaged weights are worth keeping. */
  improved: boolean;
  stop: boolean;
}

/** Takes the newest validation into account. `patience` 0 never stops. A loss that is not finite is no improvement. */
export function judge(best: BestSoFar | undefined, step: number, loss: number, patience: number): Judgement {
  const improved = Number.isFinite(loss) && (best === undefined || loss < best.loss);
  const next = improved
    ? { step, loss, since: 0 }
    : { step: best?.step ?? step, loss: best?.loss ?? Number.MAX_VALUE, since: (best?.since ?? 0) + 1 };
  return { best: next, improved, stop: patience > 0 && next.since >= patience };
}
