/** Stands in until the room is built. */
export function SolversPanel() {
  return <p>Solvers</p>;
}
