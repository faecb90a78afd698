import type { Drop, TrustedSku } from "../../../client/client.ts";
import { Ask } from "../parts/ask.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";

const PAUSING =
  "Shoppers can reserve nothing and join no waitlist until you resume. What is held can still be confirmed, and its time goes on.";
const RESUMING = "Shoppers can reserve again at once.";

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
  const paused = !sku.policy.paused;
  return (
    <Ask
      title={`${paused ? "Pause" : "Resume"} ${sku.sku}?`}
      submit={paused ? "Pause" : "Resume"}
      isDanger={paused}
      content={{ paused }}
      act={() => client.skus.patch(sku.sku, { policy: { paused } })}
      onDone={(changed) => {
        tell(`${sku.sku} is ${paused ? "paused" : "on sale again"}.`);
        onDone(changed);
        onClose();
      }}
      onClose={onClose}
    >
      <p>{paused ? PAUSING : RESUMING}</p>
      {!paused && sku.drop !== null && <p>While its drop {sku.drop} is paused, it stays paused with it.</p>}
    </Ask>
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
  const paused = !drop.paused;
  return (
    <Ask
      title={`${paused ? "Pause" : "Resume"} the drop ${drop.drop}?`}
      submit={paused ? "Pause all" : "Resume all"}
      isDanger={paused}
      content={{ paused }}
      act={() => client.drops.patch(drop.drop, { paused })}
      onDone={(changed) => {
        tell(`The drop ${drop.drop} is ${paused ? "paused" : "on sale again"}.`);
        onDone(changed);
        onClose();
      }}
      onClose={onClose}
    >
      <p>
        This is for all its SKUs: {drop.skus.join(", ")}. {paused ? PAUSING : RESUMING}
      </p>
      {!paused && <p>A SKU that is paused by itself stays paused.</p>}
    </Ask>
  );
}
