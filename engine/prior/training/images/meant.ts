/** Whether a source is meant by a name in the configuration: itself, its file name, or a folder ending in "/". */
export function meant(source: string, name: string): boolean {
  if (name.endsWith('/')) return source.startsWith(name);
  return source === name || source.slice(source.lastIndexOf('/') + 1) === name;
}
