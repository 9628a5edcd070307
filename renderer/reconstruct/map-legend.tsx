/** The colours of a map from its low to its high end, with words at both. */
export function MapLegend({ map, low, high }: { map: 'evidence' | 'uncertainty'; low: string; high: string }) {
  return (
    <div className="map-legend" role="img" aria-label={`Colour scale from ${low} to ${high}`}>
      <span>{low}</span>
      <span className={`map-ramp map-ramp-${map}`} />
      <span>{high}</span>
    </div>
  );
}
