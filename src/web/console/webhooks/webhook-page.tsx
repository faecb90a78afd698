import { useCallback, useState } from "react";
import type { RotatedSecret, WebhookState } from "../../../client/client.ts";
import { away, count, moment, NONE } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure, Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { useNow } from "../state/now.ts";
import { hrefOf } from "../state/route.ts";
import { Deliveries } from "./deliveries.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { DeleteWebhook, RedeliverSince, RotateWebhook } from "./webhook-asks.tsx";

const RELOAD_MS = 2_000;

/** One webhook: the state of its endpoint, and its deliveries. */
export function WebhookPage({ id }: { id: string }) {
  const { webhooks } = useSession().client;
  const [asked, setAsked] = useState<"rotate" | "since" | "delete" | null>(null);
  const [rotated, setRotated] = useState<RotatedSecret | null>(null);
  const load = useCallback((signal: AbortSignal) => webhooks.read(id, { signal }), [webhooks, id]);
  const { value: webhook, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const close = () => setAsked(null);
  const ask = (what: NonNullable<typeof asked>) => () => setAsked(what);
  return (
    <Page
      title="Webhook"
      aside={webhook && <Mark state={webhook.status} />}
      actions={
        webhook && (
          <>
            <button className="button" type="button" onClick={ask("since")}>
              Send again since…
            </button>
            <button className="button" type="button" onClick={ask("rotate")}>
              Rotate secret
            </button>
            <button className="button danger" type="button" onClick={ask("delete")}>
              Delete
            </button>
          </>
        )
      }
    >
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      {webhook && (
        <>
          <Facts webhook={webhook} />
          <Deliveries webhook={id} />
          {asked === "rotate" && <RotateWebhook webhook={webhook} onDone={setRotated} onClose={close} />}
          {asked === "since" && <RedeliverSince webhook={webhook} onDone={reload} onClose={close} />}
          {asked === "delete" && (
            <DeleteWebhook
              webhook={webhook}
              onDone={() => {
                location.hash = hrefOf("webhooks");
              }}
              onClose={close}
            />
          )}
          {rotated && (
            <SecretDialog
              secret={rotated.secret}
              note={`The old secret signs as well until ${moment(rotated.previousSecretValidUntil)}.`}
              onClose={() => setRotated(null)}
            />
          )}
        </>
      )}
    </Page>
  );
}

function Facts({ webhook }: { webhook: WebhookState }) {
  const now = useNow();
  const { url, events, skus, stoppedReason, pending, unread, lastSuccessAt, failingSince, pausedUntil } = webhook;
  const { previousSecretValidUntil } = webhook;
  const ago = (at: string | null) => (at === null ? NONE : away(at, now));
  return (
    <>
      <p className="lede">
        <b className="code">{url}</b>
        <span>{events.includes("*") ? "all events" : events.join(", ")}</span>
        <span>{skus === null ? "of everything" : `of ${skus.join(", ")}`}</span>
        {previousSecretValidUntil !== null && <span>old secret until {moment(previousSecretValidUntil)}</span>}
      </p>
      {stoppedReason !== null && (
        <p className="trouble">
          {stoppedReason === "gone"
            ? "The endpoint answered 410 (gone). Nothing more is sent."
            : "The endpoint could not be reached for days. Nothing more is sent."}{" "}
          To restart it, send again since a time.
        </p>
      )}
      <dl className="figures">
        <Figure name="Pending" value={count(pending)} {...(pending > 0 ? { tone: "held" } : {})} />
        <Figure name="Unread events" value={unread === null ? NONE : count(unread)} />
        <Figure name="Last success" value={ago(lastSuccessAt)} />
        <Figure name="Failing since" value={ago(failingSince)} {...(failingSince === null ? {} : { tone: "bad" })} />
        <Figure name="Paused by endpoint until" value={pausedUntil === null ? NONE : moment(pausedUntil)} />
      </dl>
    </>
  );
}
