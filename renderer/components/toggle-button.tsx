/** A button that stays pressed; with an icon, with text, or both. */
import type { ReactNode } from 'react';
import { type ToggleButtonProps as AriaProps, ToggleButton as AriaToggleButton } from 'react-aria-components';
import { Tooltip } from './tooltip.tsx';
import './button.css';

export interface ToggleButtonProps extends Omit<AriaProps, 'className' | 'children' | 'aria-label'> {
  /** Read aloud; shown as a tooltip when there is no text. */
  label: string;
  icon?: ReactNode;
  /** Visible text; absent: the icon alone. */
  text?: string;
  keys?: string;
}

export function ToggleButton({ label, icon, text, keys, ...rest }: ToggleButtonProps) {
  const button = (
    <AriaToggleButton
      {...rest}
      aria-label={label}
      className={`button button-quiet button-toggle ${text === undefined ? 'button-icon' : ''}`}
    >
      {icon}
      {text !== undefined && <span className="button-label">{text}</span>}
    </AriaToggleButton>
  );
  if (text !== undefined && keys === undefined) return button;
  return (
    <Tooltip text={label} {...(keys === undefined ? {} : { keys })}>
      {button}
    </Tooltip>
  );
}
