/** Stands in until the room is built. */
export function ReconstructPanel() {
  return <p>Reconstruct</p>;
}
