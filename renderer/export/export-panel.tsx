/** Stands in until the room is built. */
export function ExportPanel() {
  return <p>Export</p>;
}
