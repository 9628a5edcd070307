/** A group of controls with one Tab stop; arrow keys move inside it. */
import type { ReactNode } from 'react';
import { Toolbar as AriaToolbar } from 'react-aria-components';
import './toolbar.css';

export interface ToolbarProps {
  label: string;
  orientation?: 'horizontal' | 'vertical';
  className?: string;
  children: ReactNode;
}

export function Toolbar({ label, orientation = 'horizontal', className = '', children }: ToolbarProps) {
  return (
    <AriaToolbar aria-label={label} orientation={orientation} className={`toolbar ${className}`}>
      {children}
    </AriaToolbar>
  );
}
