//! A ticket's code over the whole screen, dark on white whatever the theme, and a screen that stays
//! awake until it is closed.

import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import type { Ticket } from "#api";
import { useWords } from "../lib/useWords";
import css from "./LargeCode.module.css";
import { QrCode } from "./QrCode";
import card from "./TicketCard.module.css";

export function LargeCode({ ticket }: { readonly ticket: Ticket }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className={`${card.enlarge} no-print`} onPress={() => setOpen(true)}>
        {t("ticket.enlarge")}
        <span className="visually-hidden"> {ticket.seat}</span>
      </Button>
      <ModalOverlay className={css.screen ?? ""} isOpen={open} onOpenChange={setOpen}>
        <Modal className={css.sheet ?? ""}>
          <Dialog className={css.large ?? ""} aria-label={ticket.seat}>
            <Awake />
            <QrCode text={ticket.code} label={t("ticket.qr", { seat: ticket.seat })} />
            <p className={`${css.seat} numbers`}>{ticket.seat}</p>
            <Button autoFocus className={css.close ?? ""} onPress={() => setOpen(false)}>
              {t("common.close")}
            </Button>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

/** Keeps the screen awake while it is there, in browsers that can. */
function Awake() {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let closed = false;
    const take = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const taken = await navigator.wakeLock?.request("screen");
        if (closed) await taken?.release();
        else lock = taken;
      } catch {
        // A battery that is low: the screen sleeps when it would.
      }
    };
    // A page that is hidden loses it.
    document.addEventListener("visibilitychange", take);
    void take();
    return () => {
      closed = true;
      document.removeEventListener("visibilitychange", take);
      void lock?.release();
    };
  }, []);
  return null;
}
