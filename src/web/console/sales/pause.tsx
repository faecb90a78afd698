import { useState } from "react";
import type { Drop, TrustedSku } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";

const PAUSING =
  "Shoppers can reserve nothing and join no waitlist until you resume. What is held can still be confirmed, and its time goes on.";
const RESUMING = "Shoppers can reserve again at once.";

const saidOf = (paused: boolean) => (paused ? "It is paused already." : "It is resumed already.");

/** Asks before a SKU stops or goes on selling. */
export function PauseSku({
  sku,
  onDone,
  onClose,
}: {
  sku: TrustedSku;
  onDone: (sku: TrustedSku) => void;
  onClose: () => void;
}) {
  const { client } = useSession();
  const tell = useNews();
  // Decided when it is opened: what others do meanwhile must not turn the question around under the hand.
  const [paused] = useState(!sku.policy.paused);
  return (
    <ConfirmDialog
      title={`${paused ? "Pause" : "Resume"} ${sku.sku}?`}
      submit={paused ? "Pause" : "Resume"}
      isDanger={paused}
      change={[paused ? "pause" : "resume", sku.sku]}
      already={sku.policy.paused === paused ? saidOf(paused) : null}
      act={() => client.skus.patch(sku.sku, { policy: { paused } })}
      onDone={(changed) => {
        tell(`${sku.sku} is ${paused ? "paused" : "on sale again"}.`);
        onDone(changed);
      }}
      onClose={onClose}
    >
      <p>{paused ? PAUSING : RESUMING}</p>
      {!paused && sku.drop !== null && <p>While its drop {sku.drop} is paused, it stays paused with it.</p>}
    </ConfirmDialog>
  );
}

/** Asks before a whole drop stops or goes on selling. */
export function PauseDrop({
  drop,
  onDone,
  onClose,
}: {
  drop: Drop;
  onDone: (drop: Drop) => void;
  onClose: () => void;
}) {
  const { client } = useSession();
  const tell = useNews();
  const [paused] = useState(!drop.paused);
  return (
    <ConfirmDialog
      title={`${paused ? "Pause" : "Resume"} the drop ${drop.drop}?`}
      submit={paused ? "Pause all" : "Resume all"}
      isDanger={paused}
      change={[paused ? "pause-drop" : "resume-drop", drop.drop]}
      already={drop.paused === paused ? saidOf(paused) : null}
      act={() => client.drops.patch(drop.drop, { paused })}
      onDone={(changed) => {
        tell(`The drop ${drop.drop} is ${paused ? "paused" : "on sale again"}.`);
        onDone(changed);
      }}
      onClose={onClose}
    >
      <p>
        This is for all its SKUs: {drop.skus.join(", ")}. {paused ? PAUSING : RESUMING}
      </p>
      {!paused && <p>A SKU that is paused by itself stays paused.</p>}
    </ConfirmDialog>
  );
}
