/** The frame every side panel shares: a heading that stays, actions beside it, content that scrolls. */
import type { ReactNode } from 'react';
import './panel.css';

export interface PanelProps {
  title: string;
  /** One line below the heading. */
  summary?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Stays at the foot: the panel's one next step. */
  footer?: ReactNode;
}

export function Panel({ title, summary, actions, children, footer }: PanelProps) {
  return (
    <section className="panel" aria-label={title}>
      <header className="panel-head">
        <div className="panel-title">
          <h2>{title}</h2>
          {summary !== undefined && <p className="panel-summary">{summary}</p>}
        </div>
        {actions !== undefined && <div className="panel-actions">{actions}</div>}
      </header>
      <div className="panel-content">{children}</div>
      {footer !== undefined && <footer className="panel-footer">{footer}</footer>}
    </section>
  );
}
