import { expect, it } from "vitest";
import { type Holdfast, HoldfastError } from "../../src/client/client.ts";
import { listWebhooks } from "../../src/web/console/webhooks/webhook-list.ts";

/** A service whose list knows three webhooks: one does well, one was deleted, and the object of one is out of order. */
function service() {
  const yes = (value: object) => ({ ok: true, value, replayed: false, recorded: null });
  return {
    webhooks: {
      list: async () => yes({ items: ["well", "gone", "ill"].map((id) => ({ id })), nextCursor: "next" }),
      read: async (id: string) => {
        if (id === "ill") throw new HoldfastError("unavailable", "out of order", { status: 503 });
        return id === "gone" ? { ok: false, refusal: { code: "not-found" } } : yes({ id, pending: 7 });
      },
    },
  } as unknown as Pick<Holdfast, "webhooks">;
}

it("lists webhooks also when one of them cannot be asked how it does", async () => {
  const listed = await listWebhooks(service(), { cursor: undefined, limit: 50 }, new AbortController().signal);
  expect(listed).toMatchObject({ ok: true, value: { nextCursor: "next" } });
  const items = listed.ok ? listed.value.items : [];
  expect(items.map(({ id, state }) => [id, state?.pending ?? null])).toEqual([
    ["well", 7],
    ["ill", null],
  ]);
});
