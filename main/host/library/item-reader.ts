/** What the reader process can do with one item. */
import type { ItemDescription, TagNode } from '../api/item.ts';

export interface ItemReader {
  describe(): Promise<ItemDescription>;
  /** One slice: float32 [rows, columns], or rgba8. Throws `not-found` for a component or slice there is not. */
  slice(component: string, index: number): Promise<Float32Array | Uint8Array>;
  /** Tags of the file behind a slice; only DICOM has them. */
  tags?(slice: number): Promise<{ file: string; tags: TagNode[] }>;
}
