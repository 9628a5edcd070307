/** A part that can be folded away. */
import type { ReactNode } from 'react';
import { Disclosure as AriaDisclosure, Button, DisclosurePanel, Heading } from 'react-aria-components';
import { Icon } from './icon.tsx';
import './disclosure.css';

export interface DisclosureProps {
  title: string;
  /** Stands at the right of the title. */
  detail?: string;
  defaultOpen?: boolean;
  isOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

export function Disclosure({ title, detail, defaultOpen = false, isOpen, onOpenChange, children }: DisclosureProps) {
  return (
    <AriaDisclosure
      className="disclosure"
      defaultExpanded={defaultOpen}
      {...(isOpen === undefined ? {} : { isExpanded: isOpen })}
      {...(onOpenChange === undefined ? {} : { onExpandedChange: onOpenChange })}
    >
      <Heading level={3} className="disclosure-heading">
        <Button slot="trigger" className="disclosure-trigger">
          <Icon name="chevronRight" size={14} />
          <span className="disclosure-title">{title}</span>
          {detail !== undefined && <span className="disclosure-detail">{detail}</span>}
        </Button>
      </Heading>
      <DisclosurePanel className="disclosure-panel">
        <div className="disclosure-content">{children}</div>
      </DisclosurePanel>
    </AriaDisclosure>
  );
}
