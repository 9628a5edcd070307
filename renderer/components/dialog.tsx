/** A modal dialog with a title; Escape and a click beside it close it. */
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './icon-button.tsx';
import './dialog.css';

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  /** alertdialog: asks before something is lost; cannot be clicked away. */
  role?: 'dialog' | 'alertdialog';
  width?: 'narrow' | 'default' | 'wide';
  /** Long text without controls: the content itself takes the focus, so that keys can scroll it. */
  reading?: boolean;
}

export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  actions,
  role = 'dialog',
  width = 'default',
  reading = false,
}: DialogProps) {
  return (
    <ModalOverlay
      className="dialog-backdrop"
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable={role === 'dialog'}
    >
      <Modal className={`dialog dialog-${width}`}>
        <AriaDialog role={role} className="dialog-body">
          <header className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label="Close" icon="close" onPress={onClose} />
          </header>
          <section className="dialog-content" aria-label={title} {...(reading ? { tabIndex: 0 } : {})}>
            {children}
          </section>
          {actions !== undefined && <footer className="dialog-actions">{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
