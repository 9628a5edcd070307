/** Stands in until the room is built. */
export function ViewerGrid() {
  return <p>Viewports</p>;
}
