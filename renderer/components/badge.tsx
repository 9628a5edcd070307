/** A word in a small frame: "simulated", "derived". */
import './badge.css';

export interface BadgeProps {
  tone?: 'plain' | 'accent' | 'ok' | 'warning' | 'danger';
  children: string;
}

export function Badge({ tone = 'plain', children }: BadgeProps) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
