/** One item of the library: picture, what it is, how large, and its menu. */
import { useState } from 'react';
import { Button as AriaButton, GridListItem } from 'react-aria-components';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { ItemSummary } from '../../main/host/api/item.ts';
import { useSession } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { deleteItem, itemActions } from './item-actions.ts';
import { originText } from './item-title.ts';
import { sizeText } from './size-text.ts';

const tones = {
  derived: 'accent',
  simulated: 'warning',
  incomplete: 'danger',
  research: 'plain',
  demo: 'plain',
} as const;

/** Type under which an item's id is dragged onto a viewport. */
export const itemType = 'application/x-tangent-item';

function Thumbnail({ item }: { item: ItemSummary }) {
  const [broken, setBroken] = useState(false);
  return (
    <span className="item-thumbnail">
      {item.thumbnail && !broken ? (
        <img src={dataRoutes.thumbnail(item.id, item.revision)} alt="" loading="lazy" onError={() => setBroken(true)} />
      ) : (
        <Icon name={item.problem !== null ? 'warning' : item.kind === 'scan' ? 'reconstruct' : 'file'} size={22} />
      )}
    </span>
  );
}

export function factsOf(item: ItemSummary): string {
  const matrix = item.rows > 0 ? `${item.columns} × ${item.rows}` : '';
  const slices = item.slices === 1 ? '1 slice' : `${item.slices} slices`;
  return [item.modality, item.slices > 0 ? slices : '', matrix, item.bytes > 0 ? sizeText(item.bytes) : '']
    .filter((part) => part !== '')
    .join(' · ');
}

export function ItemRow({ item }: { item: ItemSummary }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const { title } = item;
  // Every result is for research: the notice below the viewports says so for all.
  const badges = item.badges.filter((badge) => badge !== 'research');
  const isReference = useSession((state) => state.reference === item.id);
  return (
    <GridListItem
      id={item.id}
      textValue={title}
      className="item-row"
      onContextMenu={(event) => {
        event.preventDefault();
        setMenuOpen(true);
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same menu opens from the button in the row */}
      <div className="item" draggable onDragStart={(event) => event.dataTransfer.setData(itemType, item.id)}>
        <Thumbnail item={item} />
        <div className="item-text">
          <span className="item-title">{title}</span>
          <span className="item-facts">{factsOf(item)}</span>
          <span className="item-badges">
            {item.origin !== '' && !title.startsWith(originText(item.origin)) && (
              <span className="item-origin">{originText(item.origin)}</span>
            )}
            {badges.map((badge) => (
              <Badge key={badge} tone={tones[badge]}>
                {badge}
              </Badge>
            ))}
            {isReference && <Badge tone="ok">reference</Badge>}
          </span>
          {item.problem !== null && <span className="item-problem">{item.problem}</span>}
        </div>
        <Menu
          label={`Actions for ${title}`}
          groups={menuOpen ? itemActions(item, () => setAsking(true)) : []}
          isOpen={menuOpen}
          onOpenChange={setMenuOpen}
        >
          <AriaButton className="button button-icon" aria-label={`Actions for ${title}`}>
            <Icon name="more" />
          </AriaButton>
        </Menu>
      </div>
      <ConfirmDialog
        title="Delete this result?"
        isOpen={asking}
        confirm="Delete from disk"
        onConfirm={() => void deleteItem(item.id)}
        onClose={() => setAsking(false)}
      >
        <p>“{title}” and every file of its folder are removed. This cannot be undone.</p>
      </ConfirmDialog>
    </GridListItem>
  );
}
