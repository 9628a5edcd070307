/** What an item is called on the screen. */
import type { ItemSummary } from '../../main/host/api/item.ts';

const names: Readonly<Record<string, string>> = {
  dicom: 'DICOM',
  nifti: 'NIfTI',
  npy: 'NumPy',
  npz: 'NumPy',
  cfl: 'BART',
  ismrmrd: 'ISMRMRD',
  fastmri: 'fastMRI',
  dds: 'DDS',
  'cg-sense': 'CG-SENSE',
  'zero-filled': 'Zero-filled',
  'l1-wavelet': 'Compressed sensing',
  tv: 'Total variation',
  fbp: 'FBP',
};

/** Formats and methods by the names people use; others as they are. */
export const originText = (origin: string): string => names[origin.toLowerCase()] ?? origin;

/** Results named by time and hash, as their folders are, are called after their method and time instead. */
export function itemTitle({ title, origin, created }: Pick<ItemSummary, 'title' | 'origin' | 'created'>): string {
  if (created === null || !/^\d{8}-\d{6}-/.test(title)) return title;
  const time = new Date(created);
  if (Number.isNaN(time.getTime())) return title;
  const when = time.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return `${originText(origin)}, ${when}`;
}
