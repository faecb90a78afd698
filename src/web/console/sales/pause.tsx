import { useState } from "react";
import type { Drop, TrustedSku } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";

const PAUSING =
  "Shoppers cannot reserve or join a waitlist until you resume. Existing holds can still be confirmed, and their time keeps running.";
const RESUMING = "Shoppers can reserve again at once.";

const saidOf = (paused: boolean) => (paused ? "It is already paused." : "It is already resumed.");

/** Asks for confirmation before a SKU is paused or resumed. */
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
  // Fixed when it is opened: another operator's change must not reverse the question.
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

/** Asks for confirmation before a whole drop is paused or resumed. */
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
      {!paused && <p>SKUs that were paused individually stay paused.</p>}
    </ConfirmDialog>
  );
}
