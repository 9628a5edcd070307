/** Exact assignment by shortest augmenting paths (R. Jonker, A. Volgenant, Computing 38, 1987, without its start-up phases), O(n³). */

/** Column of each row of the n × n cost with least Σ cost. */
export function assignment(cost: Float64Array, n: number): Uint32Array {
  const rowPotential = new Float64Array(n);
  const columnPotential = new Float64Array(n);
  const rowOf = new Int32Array(n).fill(-1);
  const distance = new Float64Array(n);
  const previous = new Int32Array(n);
  const visited = new Uint8Array(n);
  for (let start = 0; start < n; start++) {
    distance.fill(Number.POSITIVE_INFINITY);
    visited.fill(0);
    let row = start;
    let reached = -1;
    let base = 0;
    previous.fill(-1);
    for (;;) {
      let nearest = Number.POSITIVE_INFINITY;
      let next = -1;
      for (let j = 0; j < n; j++) {
        if (visited[j] === 1) continue;
        const through = base + cost[row * n + j] - rowPotential[row] - columnPotential[j];
        if (through < distance[j]) {
          distance[j] = through;
          previous[j] = reached;
        }
        if (distance[j] < nearest) {
          nearest = distance[j];
          next = j;
        }
      }
      visited[next] = 1;
      reached = next;
      base = nearest;
      if (rowOf[next] < 0) break;
      row = rowOf[next];
    }
    // Potentials keep reduced costs non-negative along the visited part of the tree.
    for (let j = 0; j < n; j++) {
      if (visited[j] === 0) continue;
      const slack = base - distance[j];
      columnPotential[j] -= slack;
      if (rowOf[j] >= 0) rowPotential[rowOf[j]] += slack;
    }
    rowPotential[start] += base;
    for (let j = reached; j >= 0; ) {
      const before = previous[j];
      rowOf[j] = before < 0 ? start : rowOf[before];
      j = before;
    }
  }
  const columnOf = new Uint32Array(n);
  for (let j = 0; j < n; j++) columnOf[rowOf[j]] = j;
  return columnOf;
}

/** Σ cost of the best assignment divided by n: the transport cost between uniform weights. */
export function assignmentCost(cost: Float64Array, n: number): number {
  const columnOf = assignment(cost, n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += cost[i * n + columnOf[i]];
  return sum / n;
}
