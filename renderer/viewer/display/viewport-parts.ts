/** Elements of one viewport, made by React once and written to directly from then on. */
export interface ViewportParts {
  root: HTMLElement;
  picture: HTMLElement;
  overlay: HTMLCanvasElement;
  svg: SVGSVGElement;
  lens: HTMLCanvasElement;
  title: HTMLElement;
  remarks: HTMLElement;
  fit: HTMLElement;
  topLeft: HTMLElement;
  topRight: HTMLElement;
  bottomLeft: HTMLElement;
  bottomRight: HTMLElement;
  notice: HTMLElement;
  letters: Readonly<Record<'top' | 'right' | 'bottom' | 'left', HTMLElement>>;
  probe: HTMLElement;
  barBox: HTMLElement;
  bar: HTMLCanvasElement;
  barTop: HTMLElement;
  barMiddle: HTMLElement;
  barBottom: HTMLElement;
  barWords: HTMLElement;
  slider: HTMLInputElement;
  state: HTMLElement;
}
