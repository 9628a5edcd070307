/** A data set's attributes as lines with depth, searched, and compared with another's. */
import type { TagNode } from '../../main/host/api/item.ts';

export interface TagRow {
  /** Place in the tree: "(0008,2112)/0/(0008,1155)". */
  path: string;
  depth: number;
  tag: string;
  vr: string;
  name: string;
  value: string;
  private: boolean;
  /** Has rows below it that can be folded away. */
  parent: boolean;
  /** Only in a comparison. */
  other?: string | null;
  difference?: 'same' | 'changed' | 'added' | 'removed';
}

const line = (node: TagNode, path: string, depth: number): TagRow => ({
  path,
  depth,
  tag: node.tag,
  vr: node.vr,
  name: node.name,
  value: node.value,
  private: node.private,
  parent: node.items.length > 0,
});

const itemLine = (path: string, depth: number, index: number): TagRow => ({
  path,
  depth,
  tag: '',
  vr: '',
  name: `Item ${index + 1}`,
  value: '',
  private: false,
  parent: true,
});

/** All attributes in order, sequences with their items below them. */
export function flatten(nodes: readonly TagNode[], depth = 0, above = ''): TagRow[] {
  return nodes.flatMap((node) => {
    const path = `${above}${node.tag}`;
    return [
      line(node, path, depth),
      ...node.items.flatMap((item, index) => [
        itemLine(`${path}/${index}`, depth + 1, index),
        ...flatten(item, depth + 2, `${path}/${index}/`),
      ]),
    ];
  });
}

/** Order of places: tags as text, items by number, a sequence before what is in it. */
function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const [one, other] = [left[level], right[level]];
    if (one === other) continue;
    return level % 2 === 1 ? Number(one) - Number(other) : one < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** Rows of both, in the order of their places; what differs is marked. */
export function compareRows(left: readonly TagRow[], right: readonly TagRow[]): TagRow[] {
  const byPath = new Map(right.map((row) => [row.path, row]));
  const leftPaths = new Set(left.map((row) => row.path));
  const marked = left.map((row): TagRow => {
    const other = byPath.get(row.path);
    if (other === undefined) return { ...row, other: null, difference: 'removed' };
    const parent = row.parent || other.parent;
    return { ...row, parent, other: other.value, difference: other.value === row.value ? 'same' : 'changed' };
  });
  const added = right
    .filter((row) => !leftPaths.has(row.path))
    .map((row): TagRow => ({ ...row, value: '', other: row.value, difference: 'added' }));
  return [...marked, ...added].sort((a, b) => comparePaths(a.path, b.path));
}

export interface TagFilter {
  search: string;
  showPrivate: boolean;
  onlyDifferent: boolean;
}

const below = (path: string, above: string) => path.startsWith(`${above}/`);

/** Rows to show. A row that matches brings the rows above it along. */
export function filterRows(rows: readonly TagRow[], { search, showPrivate, onlyDifferent }: TagFilter): TagRow[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const matches = (row: TagRow) => {
    const text = `${row.tag} ${row.name} ${row.value} ${row.other ?? ''} ${row.vr}`.toLowerCase();
    return words.every((word) => text.includes(word)) && (!onlyDifferent || row.difference !== 'same');
  };
  const wanted = rows.filter(matches);
  const all = words.length === 0 && !onlyDifferent;
  return rows.filter(
    (row) => (showPrivate || !row.private) && (all || wanted.some((hit) => hit === row || below(hit.path, row.path))),
  );
}
