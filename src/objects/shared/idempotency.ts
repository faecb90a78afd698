import { type Refused, refused } from "../../domain/command.ts";
import type { KeptAnswer } from "../../storage/document-store.ts";

/** The first answer to a key again, `idempotency-key-reused` when it stands for other content, or null when it has none yet. */
export function storedAnswer<Answer extends { ok: boolean }>(
  kept: KeptAnswer<Answer> | null,
  content: string,
): (Answer & { replayed: true }) | Refused | null {
  if (kept === null) return null;
  if (kept.content !== content) return refused({ code: "idempotency-key-reused" });
  return kept.answer?.ok ? { ...kept.answer, replayed: true } : null;
}
