/** Types for the encoders of the codec packages, which tests make frames with. */

interface FrameEncoder {
  getDecodedBuffer(info: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  delete(): void;
  setQuality?(...values: (number | boolean)[]): void;
  setInterleaveMode?(mode: number): void;
  setNearLossless?(value: number): void;
  setDecompositions?(count: number): void;
  setSubSampling?(mode: number): void;
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  const create: (options?: object) => Promise<{ JpegLSEncoder: new () => FrameEncoder }>;
  export default create;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  const create: (options?: object) => Promise<{ J2KEncoder: new () => FrameEncoder }>;
  export default create;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs' {
  const create: (options?: object) => Promise<{ JPEGEncoder: new () => FrameEncoder }>;
  export default create;
}
