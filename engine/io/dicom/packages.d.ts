/** Types for the parts used here of packages that ship none. */

declare module 'dcmjs/dictionary' {
  /** Keys "(GGGG,EEEE)" in upper case, some with x for any digit. */
  const dictionary: Record<string, { tag: string; vr: string; name: string } | undefined>;
  export default dictionary;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const create: import('./codecs.ts').CodecFactory<{ JpegLSDecoder: new () => import('./codecs.ts').WasmDecoder }>;
  export default create;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const create: import('./codecs.ts').CodecFactory<{ J2KDecoder: new () => import('./codecs.ts').WasmDecoder }>;
  export default create;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const create: import('./codecs.ts').CodecFactory<{ JPEGDecoder: new () => import('./codecs.ts').WasmDecoder }>;
  export default create;
}

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const create: import('./codecs.ts').CodecFactory<{ HTJ2KDecoder: new () => import('./codecs.ts').WasmDecoder }>;
  export default create;
}
