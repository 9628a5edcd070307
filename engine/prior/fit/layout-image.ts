/** A magnitude image whose layout is to be learned or judged. */
export interface LayoutImage {
  /** float32 [height, width], not negative. */
  data: Float32Array;
  height: number;
  width: number;
  /** True when the image stands the way a reader expects it (its mirror image counts too), undefined when unknown. */
  upright?: boolean;
  /** Whose image it is: images of one group are alike and are held out together. */
  group?: string;
}
