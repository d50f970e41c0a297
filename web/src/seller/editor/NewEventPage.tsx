//! A new event.

import { createLazyRoute, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMe } from "../../api/session";
import { useTitle } from "../../lib/useTitle";
import { useWords } from "../../lib/useWords";
import { Icon } from "../../ui/Icon";
import { SellersOnly } from "../EventFrame";
import frame from "../EventFrame.module.css";
import { useSellerWords } from "../words";
import { Editor } from "./Editor";
import { emptyDraft } from "./model";
import { ownZone } from "./venueTime";

export const route = createLazyRoute("/seller/new")({ component: NewEventPage });

function NewEventPage() {
  const { t } = useSellerWords();
  const { t: base } = useWords();
  const { me } = useMe();
  useTitle(t("editor.newTitle"));
  return (
    <SellersOnly>
      <div className={`page ${frame.frame}`}>
        <header className={frame.heading}>
          <Link to="/seller" className={frame.back}>
            <Icon name="back" size={18} /> {base("nav.selling")}
          </Link>
          <h1>{t("editor.newTitle")}</h1>
          <p className="soft">{t("editor.newLead")}</p>
        </header>
        {me && <New key={me.id} seller={me.id} />}
      </div>
    </SellersOnly>
  );
}

function New({ seller }: { readonly seller: string }) {
  const [initial] = useState(() => emptyDraft(ownZone(), "TWD"));
  return <Editor seller={seller} initial={initial} />;
}
