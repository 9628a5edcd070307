/** Small line icons, 20 × 20, drawn in the colour of the text around them. Decorative: names belong to the control. */

const paths = {
  library: 'M3 4.5h4.2l1.6 2H17v9.5H3z',
  reconstruct: 'M10 3.2a6.8 6.8 0 1 0 6.8 6.8M10 6.6a3.4 3.4 0 1 0 3.4 3.4M10 10l6.4-6.4M12.6 3.4h4v4',
  jobs: 'M4 5.5h12M4 10h8M4 14.5h5M14.2 12v3l2 1.2',
  batch: 'M6.5 3.5h10v10h-10zM3.5 6.5v10h10',
  solvers: 'M4 4h5v5H4zM11.5 11h5v5h-5zM6.5 9v4.5h5M14 11V6.5H9',
  priors: 'M10 3.5 16.5 7 10 10.5 3.5 7zM3.5 10.3 10 13.8l6.5-3.5M3.5 13.4 10 16.9l6.5-3.5',
  settings: 'M3.5 6h7M14 6h2.5M3.5 14H6M9.5 14h7M12.2 4.2v3.6M7.8 12.2v3.6',
  tags: 'M3.8 3.8h6L16.5 10.5l-6 6L3.8 9.8zM7 7h.01',
  export: 'M10 12.5V3.5M6.8 6.5 10 3.3l3.2 3.2M4 11v5.5h12V11',
  open: 'M3 15.5V4.5h4.2l1.6 2H16v2.5M3 15.5 5.4 9H18l-2.4 6.5z',
  file: 'M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15',
  play: 'M6.5 4.5v11l9-5.5z',
  pause: 'M7 4.5v11M13 4.5v11',
  stop: 'M5.5 5.5h9v9h-9z',
  close: 'M5 5l10 10M15 5 5 15',
  check: 'M4 10.5 8.2 14.5 16 6',
  chevronDown: 'M5.5 8 10 12.5 14.5 8',
  chevronRight: 'M8 5.5 12.5 10 8 14.5',
  chevronLeft: 'M12 5.5 7.5 10 12 14.5',
  search: 'M8.8 3.8a5 5 0 1 0 0 10 5 5 0 0 0 0-10M12.6 12.6 16.5 16.5',
  warning: 'M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.2v.01',
  info: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 9.2v4.3M10 6.6v.01',
  danger: 'M7 3h6l4 4v6l-4 4H7l-4-4V7zM10 6.5v4.5M10 13.5v.01',
  ok: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M6.8 10.3l2.3 2.3 4.2-4.8',
  copy: 'M7 7h9.5v9.5H7zM4 13H3.5V3.5H13V4',
  trash: 'M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  reset: 'M4.5 7.5A6.3 6.3 0 1 1 3.7 10M4.3 3.5v4h4',
  link: 'M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3l1-1',
  keyboard: 'M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.8h7',
  compare: 'M3.5 4.5h5.5v11H3.5zM11 4.5h5.5v11H11z',
  download: 'M10 3.5v9M6.8 9.5l3.2 3.2 3.2-3.2M4 13v3.5h12V13',
  chip: 'M6 6h8v8H6zM8 3.5V6M12 3.5V6M8 14v2.5M12 14v2.5M3.5 8H6M3.5 12H6M14 8h2.5M14 12h2.5',
  side: 'M3 4h14v12H3zM8 4v12',
  help: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M7.9 8a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.3M10 13.7v.01',
  contrast: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  arrowRight: 'M4 10h12M11.5 5.5 16 10l-4.5 4.5',
  flask: 'M8 3.5h4M9 3.5v5L4.5 16h11L11 8.5v-5M6.5 12.5h7',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
