import { Frame } from "./frame.tsx";
import { HealthPage } from "./health/health-page.tsx";
import { Boundary } from "./parts/boundary.tsx";
import { NewsProvider } from "./parts/news.tsx";
import { Page } from "./parts/page.tsx";
import { ReservationsPage } from "./reservations/reservations-page.tsx";
import { DropPage } from "./sales/drop-page.tsx";
import { SkuPage } from "./sales/sku-page.tsx";
import { StockPage } from "./sales/stock-page.tsx";
import { SessionGate } from "./session/session.tsx";
import { hrefOf, type Route, useRoute } from "./state/route.ts";
import { SkusProvider } from "./state/skus.tsx";
import { WebhookPage } from "./webhooks/webhook-page.tsx";
import { WebhooksPage } from "./webhooks/webhooks-page.tsx";

/** The operator console: everything behind the sign-in. */
export function Console() {
  return (
    <Boundary>
      <SessionGate>
        <NewsProvider>
          <SkusProvider>
            <Signed />
          </SkusProvider>
        </NewsProvider>
      </SessionGate>
    </Boundary>
  );
}

function Signed() {
  const route = useRoute();
  return (
    <Frame page={route.page}>
      <Boundary key={`${route.page}/${route.name}?${route.query}`}>{pageOf(route)}</Boundary>
    </Frame>
  );
}

/** Another subject is another page, with fresh state. */
function pageOf({ page, name, query }: Route) {
  switch (page) {
    case "stock":
      return <StockPage />;
    case "skus":
      return name === null ? <StockPage /> : <SkuPage key={name} sku={name} />;
    case "drops":
      return name === null ? <StockPage /> : <DropPage key={name} drop={name} />;
    case "reservations":
      return <ReservationsPage key={query.toString()} query={query} />;
    case "webhooks":
      return name === null ? <WebhooksPage /> : <WebhookPage key={name} id={name} />;
    case "health":
      return <HealthPage />;
    default:
      return (
        <Page title="Page not found">
          <p>
            Go to <a href={hrefOf("stock")}>the stock</a>.
          </p>
        </Page>
      );
  }
}
