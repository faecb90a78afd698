import { z } from "zod";
import { createDrop, dropView, patchDrop } from "../contracts/drop.ts";
import { dropName } from "../contracts/names.ts";
import { dropToWire } from "../contracts/present.ts";
import { CALL_PATIENCE_MS } from "../domain/bounds.ts";
import type { DropPlan } from "../domain/drop.ts";
import type { DropOutcome, DropRequest } from "../objects/rpc.ts";
import type { App, Callers } from "./auth.ts";
import { notFound } from "./auth.ts";
import { BODY_PROBLEMS, CALL_PROBLEMS } from "./common-problems.ts";
import { endpoint } from "./endpoint.ts";
import { contentOf, outcomeHeaders, ownKey, preferredWait, refuseCaller, scopedKey } from "./execute.ts";
import { anySkuMayChange } from "./isolate-memory.ts";
import { patiently } from "./patiently.ts";
import { json } from "./responses.ts";
import { readRevisions } from "./revision.ts";
import type { Call } from "./route.ts";
import { unknownDrops } from "./unknown-names.ts";

const DROPS = "/v1/drops";
const DROP = `${DROPS}/{drop}`;
const ofDrop = z.object({ drop: dropName });

/** Drops: several SKUs with common opening, closing, pause and a limit across them. */
export function addDrops(app: App): void {
  addCreate(app);
  addRead(app);
  addPatch(app);
}

function addCreate(app: App): void {
  endpoint(
    app,
    {
      method: "post",
      path: DROPS,
      operationId: "createDrop",
      summary: "Create a drop",
      callers: ["admin"],
      body: createDrop,
      key: "optional",
      answers: { 201: { description: "The drop; all of its SKUs have acknowledged it", schema: dropView } },
      problems: [...BODY_PROBLEMS, "drop-exists", "drop-in-use"],
    },
    async (call) => {
      const { drop, name, skus, perCustomerLimit = null, opensAt = null, closesAt = null } = call.body;
      const plan = { name, skus, perCustomerLimit, paused: false, ...timesOf({ opensAt, closesAt }) };
      const key = call.key === null ? ownKey() : scopedKey(call.caller, "drop", call.key);
      const answer = await change(call, drop, { change: { type: "create", plan }, key, content: contentOf(call.body) });
      unknownDrops.forget(drop);
      return answer;
    },
  );
}

function addRead(app: App): void {
  endpoint(
    app,
    {
      method: "get",
      path: DROP,
      operationId: "readDrop",
      summary: "Read a drop",
      callers: "anyone",
      params: ofDrop,
      answers: { 200: { description: "The drop as last decided", schema: dropView } },
      problems: CALL_PROBLEMS,
    },
    async ({ context, caller, audience, params }) => {
      const look = () => context.env.DROP.getByName(params.drop).look();
      const drop = await unknownDrops.find(params.drop, caller === null, look);
      return drop === null ? notFound(context, audience) : json(200, dropToWire(drop), { ETag: `"${drop.revision}"` });
    },
  );
}

function addPatch(app: App): void {
  endpoint(
    app,
    {
      method: "patch",
      path: DROP,
      operationId: "patchDrop",
      summary: "Edit a drop (only the given members)",
      callers: ["admin"],
      params: ofDrop,
      body: patchDrop,
      headers: { "If-Match": "The tag of the drop that was read: 412 if somebody has edited it since." },
      answers: {
        200: {
          description:
            "The drop, and all its SKUs know. After a 503 it may be made or not: read the drop, or send the same again",
          schema: dropView,
        },
      },
      problems: [...BODY_PROBLEMS, "drop-in-use", "version-mismatch"],
    },
    (call) => {
      const { opensAt, closesAt, ...rest } = call.body;
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      const plan: Partial<DropPlan> = { ...given, ...timesOf({ opensAt, closesAt }) };
      const ifRevisions = readRevisions(call.context.req.header("If-Match"));
      return change(call, call.params.drop, { change: { type: "patch", plan, ifRevisions }, key: null, content: "" });
    },
  );
}

/** Opening and closing in milliseconds, if named. */
function timesOf<Times extends { opensAt?: string | null | undefined; closesAt?: string | null | undefined }>(
  times: Times,
): { [Name in keyof Times]: number | null } {
  const named = Object.entries(times).filter(([, at]) => at !== undefined);
  const parsed = named.map(([name, at]) => [name, at === null || at === undefined ? null : Date.parse(at)]);
  return Object.fromEntries(parsed) as { [Name in keyof Times]: number | null };
}

async function change(
  call: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience">,
  drop: string,
  request: DropRequest,
): Promise<Response> {
  const waitMs = preferredWait(call.context);
  anySkuMayChange();
  const changing = call.context.env.DROP.getByName(drop).change(request, waitMs ?? 0, CALL_PATIENCE_MS);
  const answer = await patiently(changing, waitMs ?? 0);
  anySkuMayChange();
  const outcome = answer.outcome as DropOutcome;
  const headers = outcomeHeaders(outcome, answer.recorded, waitMs);
  if (!outcome.ok) return refuseCaller(call, outcome.refusal, headers);
  headers.ETag = `"${outcome.drop.revision}"`;
  const isCreation = request.change.type === "create";
  if (isCreation) headers.Location = `${DROPS}/${drop}`;
  return json(isCreation ? 201 : 200, dropToWire(outcome.drop), headers);
}
