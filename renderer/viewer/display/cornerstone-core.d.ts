/** The part of cornerstone-core 2.6.1 that is used; the package ships no types. */
declare module 'cornerstone-core' {
  export interface Image {
    imageId: string;
    minPixelValue: number;
    maxPixelValue: number;
    slope: number;
    intercept: number;
    windowCenter: number;
    windowWidth: number;
    rows: number;
    columns: number;
    height: number;
    width: number;
    color: boolean;
    rgba?: boolean;
    invert: boolean;
    rowPixelSpacing: number | undefined;
    columnPixelSpacing: number | undefined;
    sizeInBytes: number;
    getPixelData(): Uint16Array | Uint8Array;
    cachedLut?: unknown;
    /** Ours: 1 where the value is not finite. */
    mask?: Uint8Array | null;
  }
  export interface ViewportState {
    scale: number;
    translation: { x: number; y: number };
    voi: { windowWidth: number; windowCenter: number };
    invert: boolean;
    pixelReplication: boolean;
    rotation: number;
    hflip: boolean;
    vflip: boolean;
    colormap: string | undefined;
  }
  export interface EnabledElement {
    image: Image | undefined;
    canvas: HTMLCanvasElement;
    viewport: ViewportState | undefined;
    renderingTools: Record<string, unknown>;
  }
  const cornerstone: {
    enable(element: HTMLElement, options?: { fillStyle?: string }): void;
    disable(element: HTMLElement): void;
    resize(element: HTMLElement, fit: boolean): void;
    displayImage(element: HTMLElement, image: Image, viewport?: Partial<ViewportState>): void;
    getEnabledElement(element: HTMLElement): EnabledElement;
    loadAndCacheImage(imageId: string): Promise<Image>;
    registerImageLoader(
      scheme: string,
      loader: (imageId: string) => { promise: Promise<Image>; cancelFn?: () => void },
    ): void;
    imageCache: {
      setMaximumSizeBytes(bytes: number): void;
      getCacheInfo(): { cacheSizeInBytes: number; numberOfImagesCached: number };
      getImageLoadObject(imageId: string): { promise: Promise<Image> } | undefined;
      removeImageLoadObject(imageId: string): void;
    };
    metaData: { addProvider(provider: (type: string, imageId: string) => unknown, priority?: number): void };
    colors: {
      getColormap(id: string, data?: { name: string; colors: number[][] }): { getNumberOfColors(): number };
    };
    pixelToCanvas(element: HTMLElement, point: { x: number; y: number }): { x: number; y: number };
    events: EventTarget;
    EVENTS: { IMAGE_RENDERED: string; NEW_IMAGE: string };
  };
  export default cornerstone;
}
