/** Attributes as a tree: arrows move and fold, Enter copies the value. */
import { Fragment } from 'react';
import { Button, Tree, TreeItem, TreeItemContent } from 'react-aria-components';
import { Icon } from '../components/icon.tsx';
import { copyText } from './copy-text.ts';
import type { TagRow } from './tag-rows.ts';

const marks = { same: '', changed: 'changed', added: 'only in the other', removed: 'missing in the other' } as const;

interface Node {
  row: TagRow;
  children: Node[];
}

/** Rows by depth as a tree. */
function nest(rows: readonly TagRow[]): Node[] {
  const roots: Node[] = [];
  const open: Node[] = [];
  for (const row of rows) {
    const node = { row, children: [] };
    while (open.length > 0 && (open.at(-1)?.row.depth ?? 0) >= row.depth) open.pop();
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}

function Attribute({ node: { row, children } }: { node: Node }) {
  const differs = row.difference !== undefined && row.difference !== 'same';
  const name = row.name || (row.private ? 'Private' : 'Unknown');
  return (
    <TreeItem
      id={row.path}
      textValue={`${name} ${row.tag} ${row.value}`}
      className={`tag-row ${differs ? 'tag-different' : ''}`}
    >
      <TreeItemContent>
        <div className="tag-line" style={{ paddingLeft: `${row.depth * 0.75}rem` }}>
          {row.parent ? (
            <Button slot="chevron" className="tag-fold">
              <Icon name="chevronRight" size={14} />
            </Button>
          ) : (
            <span className="tag-fold" />
          )}
          <div className="tag-name">
            {name.split(/(?<=[a-z])(?=[A-Z])/).map((word, at, words) => (
              <Fragment key={words.slice(0, at + 1).join('')}>
                {word}
                <wbr />
              </Fragment>
            ))}
            <span className="tag-code">
              {row.tag} {row.vr}
            </span>
          </div>
          <div className="tag-value">
            {row.value}
            {differs && (
              <>
                <span className="tag-other">{row.other ?? ''}</span>
                <span className="tag-mark">≠ {marks[row.difference ?? 'same']}</span>
              </>
            )}
          </div>
        </div>
      </TreeItemContent>
      {children.map((child) => (
        <Attribute key={child.row.path} node={child} />
      ))}
    </TreeItem>
  );
}

interface Props {
  rows: readonly TagRow[];
  folded: ReadonlySet<string>;
  onFold: (folded: ReadonlySet<string>) => void;
}

export function TagTree({ rows, folded, onFold }: Props) {
  const parents = rows.filter(({ parent }) => parent).map(({ path }) => path);
  return (
    <Tree
      aria-label="Attributes"
      className="tag-tree"
      expandedKeys={parents.filter((path) => !folded.has(path))}
      onExpandedChange={(keys) => onFold(new Set(parents.filter((path) => !keys.has(path))))}
      onAction={(key) => copyText(rows.find(({ path }) => path === key)?.value ?? '')}
      renderEmptyState={() => <p className="library-empty">No attribute matches.</p>}
    >
      {nest(rows).map((node) => (
        <Attribute key={node.row.path} node={node} />
      ))}
    </Tree>
  );
}
