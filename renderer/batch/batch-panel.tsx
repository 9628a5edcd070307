/** Stands in until the room is built. */
export function BatchPanel() {
  return <p>Batch</p>;
}
