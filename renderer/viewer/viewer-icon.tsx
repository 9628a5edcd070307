/** Line icons of the viewer's tools, 20 × 20, in the colour of the text around them. */
const paths = {
  window: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 3v14M10 6h4.5M10 9h6.5M10 12h6M10 15h3.5',
  pan: 'M10 3v14M3 10h14M7.5 5.5 10 3l2.5 2.5M7.5 14.5 10 17l2.5-2.5M5.5 7.5 3 10l2.5 2.5M14.5 7.5 17 10l-2.5 2.5',
  zoom: 'M8.8 3.8a5 5 0 1 0 0 10 5 5 0 0 0 0-10M12.6 12.6 16.5 16.5M6.5 8.8h4.6M8.8 6.5v4.6',
  scroll: 'M5 6.5h10M5 10h10M5 13.5h10M7.5 4 10 2l2.5 2M7.5 16l2.5 2 2.5-2',
  length: 'M4 16 16 4M2.5 14.5l3 3M14.5 2.5l3 3M8 10.5l1.5 1.5M10.5 8l1.5 1.5',
  angle: 'M16.5 15.5H4L13 4M9 15.5a5.5 5.5 0 0 0-1.6-3.9',
  cobb: 'M3 5.5 17 3M3 14l14 3M10 4.5v11',
  ellipse: 'M10 5c4.2 0 7.5 2.2 7.5 5s-3.3 5-7.5 5-7.5-2.2-7.5-5S5.800 5 10 5',
  rectangle: 'M3.500 5h13v10h-13z',
  circle: 'M10 3.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M10 10h.01',
  freehand: 'M4 12c-1.500-4 2-8 6-7s7 3 6 7-3 5-5 3-2-2-4-1-2.500-.5-3-2z',
  probe: 'M10 2.500v5M10 12.500v5M2.500 10h5M12.500 10h5',
  one: 'M3.500 4.500h13v11h-13z',
  two: 'M3.500 4.500h13v11h-13zM10 4.500v11',
  four: 'M3.500 4.500h13v11h-13zM10 4.500v11M3.500 10h13',
  list: 'M7.500 5.500h9M7.500 10h9M7.500 14.500h9M3.800 5.500h.01M3.800 10h.01M3.800 14.500h.01',
  invert: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 3a7 7 0 0 1 0 14M10 5.500v9M12.500 5v10M14.800 7v6',
  rotate: 'M15.500 7.500A6.300 6.300 0 1 0 16.300 10M15.700 3.500v4h-4',
  flip: 'M10 3v14M8 5.500 3 14.500h5zM12 5.500l5 9h-5z',
  fit: 'M3.500 7.500v-4h4M12.500 3.500h4v4M16.500 12.500v4h-4M7.500 16.500h-4v-4',
} as const;

export type ViewerIconName = keyof typeof paths;

export function ViewerIcon({ name }: { name: ViewerIconName }) {
  return (
    <svg
      className="icon"
      width={18}
      height={18}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
