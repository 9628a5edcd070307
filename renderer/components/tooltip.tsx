/** A short explanation beside a control on hover and focus. */
import type { ReactElement } from 'react';
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components';
import './tooltip.css';

export interface TooltipProps {
  /** What the control does; with its key. */
  text: string;
  keys?: string;
  placement?: 'top' | 'bottom' | 'left' | 'right';
  /** A control that react-aria can focus. */
  children: ReactElement;
}

export function Tooltip({ text, keys, placement = 'bottom', children }: TooltipProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip className="tooltip" placement={placement} offset={6}>
        {text}
        {keys !== undefined && keys !== '' && <kbd className="tooltip-keys">{keys}</kbd>}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
