/** Stands in until the room is built. */
export function JobsPanel() {
  return <p>Jobs</p>;
}
