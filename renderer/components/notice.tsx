/** A remark that must be seen: tone by icon and words, not by colour alone. */
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './notice.css';

export interface NoticeProps {
  tone: 'info' | 'ok' | 'warning' | 'danger';
  title?: string;
  children?: ReactNode;
  /** Read aloud as soon as it appears. */
  live?: boolean;
}

const words = { info: 'Note', ok: 'Done', warning: 'Warning', danger: 'Problem' } as const;

export function Notice({ tone, title, children, live = false }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} {...(live ? { role: tone === 'danger' ? 'alert' : 'status' } : {})}>
      <Icon name={tone} />
      <div className="notice-text">
        <span className="visually-hidden">{words[tone]}: </span>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}
