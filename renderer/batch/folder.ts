/** A folder the page may name without knowing its path. */
export interface Folder {
  handle: string;
  name: string;
}
