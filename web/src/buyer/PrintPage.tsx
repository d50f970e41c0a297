//! The tickets of a booking on paper. On the screen it shows what the paper will.

import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, getRouteApi } from "@tanstack/react-router";
import { bookingQuery, eventQuery } from "../api/queries";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Loading, Skeleton, Trouble } from "../ui/states";
import { Tickets } from "./PaidBooking";
import css from "./PrintPage.module.css";

const here = getRouteApi("/bookings/$bookingId/print");
export const route = createLazyRoute("/bookings/$bookingId/print")({ component: PrintPage });

function PrintPage() {
  const { t } = useWords();
  const { bookingId } = here.useParams();
  const booking = useQuery(bookingQuery(bookingId));
  const event = useQuery({
    ...eventQuery(booking.data?.event_id ?? ""),
    enabled: booking.data !== undefined,
  });
  const title = t("ticket.printTitle", { event: event.data?.name ?? "" });
  useTitle(title);
  const error = booking.error ?? event.error;
  if (!booking.data || !event.data) {
    if (error) return <Trouble level="h1" error={error} onRetry={() => void booking.refetch()} />;
    return (
      <Loading className="page-narrow">
        <Skeleton lines={3} />
      </Loading>
    );
  }
  return (
    <div className={`page-narrow ${css.print}`}>
      <h1 className="no-print">{title}</h1>
      <div className="row no-print">
        <Button look="action" onPress={() => print()}>
          <Icon name="print" />
          {t("ticket.printNow")}
        </Button>
        <LinkButton to="/bookings/$bookingId" params={{ bookingId }}>
          {t("common.back")}
        </LinkButton>
      </div>
      <Tickets booking={booking.data} event={event.data} />
      <p className="small soft">{t("ticket.keep")}</p>
    </div>
  );
}
