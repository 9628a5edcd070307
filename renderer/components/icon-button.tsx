/** A square button that shows only an icon; its label is read aloud and shown as a tooltip. */
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';
import { Tooltip } from './tooltip.tsx';
import './button.css';

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'aria-label'> {
  label: string;
  icon: IconName;
  /** Shown beside the label in the tooltip. */
  keys?: string;
  placement?: 'top' | 'bottom' | 'left' | 'right';
}

export function IconButton({ label, icon, keys, placement, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(keys === undefined ? {} : { keys })} {...(placement === undefined ? {} : { placement })}>
      <AriaButton {...rest} aria-label={label} className="button button-icon">
        <Icon name={icon} />
      </AriaButton>
    </Tooltip>
  );
}
