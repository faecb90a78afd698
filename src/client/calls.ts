import type { AddToBatch, KeyedCommand } from "./batcher.ts";
import { newKey } from "./patience.ts";
import type { RefusalCode, Result } from "./refusal.ts";
import { mayBatch, type Tokens } from "./tokens.ts";
import type { Call, Send, WireResponse } from "./transport.ts";

/** What any call may be told beside what it is about. */
export interface ReadOptions {
  signal?: AbortSignal | undefined;
}

/** What a call that changes something may be told. */
export interface CallOptions extends ReadOptions {
  /** To make the same call again, after a crash perhaps, and get its first answer; by default it gets a key of its own. */
  idempotencyKey?: string | undefined;
  /** Seconds to wait until D1 has the change, at most 10. */
  waitSeconds?: number | undefined;
}

/** What a call that needs no key may be told. */
export type UnkeyedOptions = Omit<CallOptions, "idempotencyKey">;

/** What an edit may be told. */
export interface EditOptions extends UnkeyedOptions {
  /** The revision that was read: refused with `version-mismatch` when somebody has edited it since. */
  ifRevision?: number | undefined;
}

/** What becomes of a call that names something: there may be no such thing. */
export type Outcome<Value, Code extends RefusalCode = never> = Promise<Result<Value, Code | "not-found">>;

/** Which page of a list. */
export type PageQuery = { cursor?: string | undefined; limit?: number | undefined };

/** A name or id as a segment of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

export type Calls = ReturnType<typeof createCalls>;

/** The kinds of calls that the API has, with results for answers. */
export function createCalls(send: Send, addToBatch: AddToBatch, tokens: Tokens) {
  return {
    async get<Value, Code extends RefusalCode = "not-found">(
      path: string,
      options?: ReadOptions & Pick<Call, "query" | "triesMax" | "okStatus">,
    ): Promise<Result<Value, Code>> {
      return resultOf(await send({ ...options, method: "GET", path }));
    },

    /** Each POST has a key. */
    async post<Value, Code extends RefusalCode>(
      path: string,
      body: unknown,
      { idempotencyKey: key = newKey(), ...options }: CallOptions = {},
    ): Promise<Result<Value, Code>> {
      return resultOf(await send({ ...options, method: "POST", path, body, key }));
    },

    /** Needs no key: the same edit again changes nothing. */
    async edit<Value, Code extends RefusalCode>(
      path: string,
      body: unknown,
      { ifRevision, ...options }: EditOptions = {},
    ): Promise<Result<Value, Code>> {
      const headers = ifRevision === undefined ? {} : { "If-Match": `"${ifRevision}"` };
      return resultOf(await send({ ...options, method: "PATCH", path, body, headers }));
    },

    async delete<Code extends RefusalCode>(path: string, options?: UnkeyedOptions): Promise<Result<unknown, Code>> {
      return resultOf(await send({ ...options, method: "DELETE", path }));
    },

    /** A command on a SKU: by itself at `path`, or for those who may send them in a batch with others. */
    async command<Value, Code extends RefusalCode>(
      sku: string,
      path: string,
      command: { type: KeyedCommand["type"]; id?: string },
      { idempotencyKey = newKey(), waitSeconds, signal }: CallOptions = {},
    ): Promise<Result<Value, Code>> {
      const { type: _type, id: _id, ...body } = command;
      const alone = () => send({ method: "POST", path, body, key: idempotencyKey, waitSeconds, signal });
      // Without a token there is an error to be had, which the call by itself gets.
      const token = await tokens.get().catch(() => null);
      if (!mayBatch(token)) return resultOf(await alone());
      const keyed = { ...command, idempotencyKey } as KeyedCommand;
      return resultOf(await addToBatch(segment(sku), { command: keyed, alone, waitSeconds, signal }));
    },
  };
}

function resultOf<Value, Code extends RefusalCode>({ body, headers, refusal }: WireResponse): Result<Value, Code> {
  // The service tells each call only what its documentation names; a code of a later version is still a refusal.
  if (refusal !== null) return { ok: false, refusal } as Result<Value, Code>;
  return {
    ok: true,
    value: body as Value,
    replayed: headers.get("Idempotency-Replayed") === "true",
    recorded: headers.get("Holdfast-Recorded") as "d1" | "object" | null,
  };
}
