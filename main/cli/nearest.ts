/** The word of a list a mistyped word most likely meant. */

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost 1. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[a.length][b.length];
}

/** Undefined when nothing is close: more than a third of the letters, or more than 3, would have to change. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.slice(0, 64).toLowerCase();
  let best: { candidate: string; cost: number } | undefined;
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase();
    const cost = wanted.length >= 3 && lower.startsWith(wanted) ? 0.5 : distance(wanted, lower);
    if (best === undefined || cost < best.cost) best = { candidate, cost };
  }
  const limit = Math.min(3, Math.max(1, Math.floor(Math.max(wanted.length, best?.candidate.length ?? 0) / 3)));
  return best !== undefined && best.cost <= limit ? best.candidate : undefined;
}

/** " Did you mean X?" or a list of what there is. */
export function suggestion(word: string, candidates: readonly string[], prefix = ''): string {
  const guess = nearest(word, candidates);
  if (guess !== undefined) return `Did you mean ${prefix}${guess}?`;
  return candidates.length > 0 && candidates.length <= 12
    ? `Known: ${candidates.map((name) => prefix + name).join(', ')}.`
    : '';
}
