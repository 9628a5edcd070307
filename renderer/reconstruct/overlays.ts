/** Evidence and uncertainty drawn over the reconstruction wherever it is shown. */
import { type Content, useWorkspace, type ViewportContent } from '../app/workspace.ts';

export type OverlayName = 'evidence' | 'std';

const opacity: Readonly<Record<OverlayName, number>> = { evidence: 0.6, std: 0.4 };

const showsImage = (content: Content, item: string): content is ViewportContent =>
  content !== null &&
  !('job' in content) &&
  content.item === item &&
  content.component === 'image' &&
  content.difference === undefined;

/** The overlay over the image of an item, if any viewport has one. */
export function overlayOf(contents: readonly Content[], item: string): string | null {
  for (const content of contents)
    if (showsImage(content, item) && content.overlay?.item === item) return content.overlay.component;
  return null;
}

/** Null takes it away. Shows the image in the active viewport when no viewport does. */
export function setOverlay(item: string, name: OverlayName | null): void {
  const { contents, show, active } = useWorkspace.getState();
  const places = contents.flatMap((content, index) => (showsImage(content, item) ? [{ content, index }] : []));
  const overlay = name === null ? {} : { overlay: { item, component: name, opacity: opacity[name] } };
  for (const { content, index } of places) {
    const { overlay: _, ...bare } = content;
    show({ ...bare, ...overlay }, index);
  }
  if (places.length === 0 && name !== null) show({ item, component: 'image', ...overlay }, active);
}

export function toggleOverlay(item: string, name: OverlayName): void {
  setOverlay(item, overlayOf(useWorkspace.getState().contents, item) === name ? null : name);
}
