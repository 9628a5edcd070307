/** A button with a text label; `icon` stands before it. */
import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  children: ReactNode;
  icon?: ReactNode;
  /** primary: the one next step of a panel; danger: destroys something; quiet: without a frame. */
  variant?: 'default' | 'primary' | 'danger' | 'quiet';
  size?: 'default' | 'large';
  className?: string;
}

export function Button({
  children,
  icon,
  variant = 'default',
  size = 'default',
  className = '',
  ...rest
}: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${variant} button-size-${size} ${className}`}>
      {icon}
      {typeof children === 'string' ? <span className="button-label">{children}</span> : children}
    </AriaButton>
  );
}
