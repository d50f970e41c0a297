//! A draft in the editor, or the details of an event that is on sale.

import { createLazyRoute } from "@tanstack/react-router";
import { useState } from "react";
import type { Event } from "#api";
import { EventFrame } from "../EventFrame";
import { useSellerWords } from "../words";
import { DetailsForm } from "./DetailsForm";
import { Editor } from "./Editor";
import { draftOf } from "./model";

export const route = createLazyRoute("/seller/events/$eventId/edit")({ component: EditEventPage });

function EditEventPage() {
  const { t } = useSellerWords();
  return (
    <EventFrame title={t("editor.editTitle")}>
      {event => <Edit key={`${event.id} ${event.status}`} event={event} />}
    </EventFrame>
  );
}

function Edit({ event }: { readonly event: Event }) {
  const [initial] = useState(() => draftOf(event));
  if (event.status !== "draft") return <DetailsForm event={event} initial={initial} />;
  return <Editor seller={event.seller_id} event={event} initial={initial} />;
}
