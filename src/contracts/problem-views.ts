import { z } from "zod";
import { cartLine } from "./cart.ts";
import { opaqueId, orderId, skuName } from "./names.ts";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode, problemView } from "./problems.ts";
import { instant, saleState } from "./sku.ts";

const count = z.int().min(0);
const refundRequired = z.boolean().describe("A payment was received that cannot be honored and must be refunded.");
const capped = z.literal(true).optional().describe("More units are available than `available` shows.");
const retryAfterSeconds = z
  .int()
  .min(1)
  .optional()
  .describe("With `scope` `rehold` or `abandoned`: when to try again.");

/** The members of each problem beside the usual ones. */
const MEMBERS = {
  "insufficient-stock": { available: count, capped, state: saleState },
  "limit-exceeded": {
    limit: count,
    used: count,
    remaining: count,
    scope: z.enum(["reservation", "sku", "drop", "rehold", "abandoned"]),
    retryAfterSeconds,
  },
  "not-open": { opensAt: instant },
  "hold-expired": { refundRequired },
  "already-released": { refundRequired },
  "already-confirmed": { orderId: orderId.nullable(), refundRequired },
  "nothing-to-return": { returnable: count },
  "extension-limit": { extendableUntil: instant },
  "part-of-cart": { cart: opaqueId },
  "cart-not-held": { lines: z.array(cartLine) },
  "stock-available": { available: count, capped },
  "already-waiting": { entry: opaqueId },
  "drop-in-use": { sku: skuName },
  "stock-in-use": { available: count },
  "too-many-webhooks": { limit: count },
  "too-many-secrets": { limit: count, oldestValidUntil: instant },
  gone: { oldest: z.int().min(1).describe("Sequence, without `sku` position, of the first event that there is.") },
  "version-mismatch": { revision: z.int().min(1) },
  unavailable: { outcome: problemView.shape.outcome },
} satisfies Partial<Record<ProblemCode, z.ZodRawShape>>;

/** The schema of each problem, with the members of its code. */
export const PROBLEM_VIEWS = Object.fromEntries(PROBLEM_CODES.map((code) => [code, viewOf(code)])) as Record<
  ProblemCode,
  ReturnType<typeof viewOf>
>;

function viewOf(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  const members: z.ZodRawShape = code in MEMBERS ? MEMBERS[code as keyof typeof MEMBERS] : {};
  return z
    .object({
      type: z.literal(`/problems/${code}`),
      title: z.string(),
      status: z.literal(status),
      detail: z.string(),
      code: z.literal(code),
      ...members,
    })
    .meta({ id: `${pascalCase(code)}Problem`, description: title });
}

/** `insufficient-stock` as `InsufficientStock`. */
export function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
