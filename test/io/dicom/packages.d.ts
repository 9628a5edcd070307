/** Types for the parts used in tests of packages that ship none. */

declare module 'daikon' {
  interface DaikonImage {
    getInterpretedData(): Float32Array;
    getRows(): number;
    getCols(): number;
    getImagePosition(): number[];
    getImageDirections(): number[];
    getPixelSpacing(): number[];
    getNumberOfFrames(): number;
  }
  class Series {
    static parseImage(data: DataView): DaikonImage | null;
    images: DaikonImage[];
    addImage(image: DaikonImage): void;
    buildSeries(): void;
  }
  const daikon: { Series: typeof Series };
  export default daikon;
}

declare module 'dcmjs' {
  interface DcmjsDict {
    meta: Record<string, { vr: string; Value: unknown[] }>;
    dict: Record<string, { vr: string; Value: unknown[] }>;
    write(options?: object): ArrayBuffer;
  }
  const dcmjs: {
    data: {
      DicomDict: new (meta: object) => DcmjsDict;
      DicomMessage: { readFile(buffer: ArrayBuffer): DcmjsDict };
      DicomMetaDictionary: { denaturalizeDataset(dataset: object): DcmjsDict['dict'] };
    };
    log: { setLevel(level: string): void };
  };
  export default dcmjs;
}
