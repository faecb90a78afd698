import { useState } from "react";
import { Dialog } from "../parts/dialog.tsx";

/** Shows a secret once: it cannot be read again. */
export function SecretDialog({ secret, note, onClose }: { secret: string; note?: string; onClose: () => void }) {
  const [copied, setCopied] = useState<string | null>(null);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied("Copied.");
    } catch {
      // Pages without https have no clipboard.
      setCopied("Your browser does not let pages copy. Select the secret and copy it yourself.");
    }
  }
  return (
    <Dialog title="Signing secret (shown once)" onClose={onClose}>
      <div className="dialog-body">
        <p>
          Deliveries are signed with it (Standard Webhooks). Copy it to your endpoint now: it cannot be shown again.
        </p>
        {note !== undefined && <p>{note}</p>}
        <p className="secret code" data-secret>
          {secret}
        </p>
        <p role="status" className="hint">
          {copied}
        </p>
      </div>
      <div className="buttons">
        <button className="button" type="button" onClick={copy}>
          Copy
        </button>
        <button className="button primary" type="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
