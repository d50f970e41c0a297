//! A modal question. Escape means no.

import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./Button";
import css from "./Dialog.module.css";

export interface ConfirmProps {
  readonly open: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly yes: string;
  readonly no: string;
  readonly busy?: boolean;
  /** How the yes looks: `danger` unless nothing is lost by it. */
  readonly look?: "danger" | "action";
  readonly onAnswer: (yes: boolean) => void;
}

export function Confirm({
  open,
  title,
  children,
  yes,
  no,
  busy = false,
  look = "danger",
  onAnswer,
}: ConfirmProps) {
  return (
    <ModalOverlay
      className={css.overlay ?? ""}
      isOpen={open}
      isDismissable={!busy}
      onOpenChange={now => now || onAnswer(false)}
    >
      <Modal className={css.modal ?? ""}>
        <AriaDialog role="alertdialog" className={css.dialog ?? ""}>
          <Heading slot="title" className={css.title ?? ""}>
            {title}
          </Heading>
          <div className="soft">{children}</div>
          <div className={css.actions}>
            <Button autoFocus onPress={() => onAnswer(false)}>
              {no}
            </Button>
            <Button look={look} busy={busy} onPress={() => onAnswer(true)}>
              {yes}
            </Button>
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
