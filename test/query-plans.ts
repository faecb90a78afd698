import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";

/** Scans that are bounded without an index that narrows them, each with the reason. */
const BOUNDED_STEPS: readonly RegExp[] = [
  // The array of a parameter, or constants.
  /VIRTUAL TABLE|CONSTANT ROW/,
  // Tables of one row.
  /^SCAN (sku|progress|rollup_cursor|document|schema_version|own)\b/,
  // Bounded by their numbers: tables of a schema, webhooks of a service, tiers of Relays.
  /^SCAN (sqlite_master|sqlite_sequence|webhook|relay)\b/,
  // Tries last ten seconds at most, and PENDING_COMMANDS_MAX of them can wait.
  /^SCAN reservation USING (COVERING )?INDEX reservation_tried/,
];

const BOUNDED_STATEMENTS: readonly RegExp[] = [
  // Any rows, up to a bound.
  /^SELECT customer FROM (abandon|reservation WHERE status IN \('held', 'confirmed'\)) LIMIT \?$/,
  // The first rows in the order of an index, whatever they are.
  /^SELECT (?:time|sequence, time) FROM event ORDER BY sequence LIMIT 1$/,
  /^SELECT time FROM event ORDER BY position DESC LIMIT 1$/,
  /^SELECT 1 FROM counted LIMIT 1$/,
  /FROM reservation +ORDER BY id DESC LIMIT \?5$/,
  /FROM waitlist WHERE status = 'waiting' ORDER BY rank LIMIT \?$/,
  // Once for each instance of a webhook's object, which keeps WEBHOOK_DELIVERIES_KEPT_MAX and AHEAD_MAX.
  /^SELECT COUNT\(\*\) AS count FROM delivery$/,
  // WEBHOOK_AHEAD_MAX pending ones may lie among those that it looks for.
  /SELECT position FROM delivery WHERE status <> 'pending' ORDER BY position LIMIT \?\)$/,
];

type Step = { detail: string };

/** Statements that were seen, in this runtime: each is explained once. */
const seen = new Set<string>();
const unbounded: string[] = [];
const toExplain: string[] = [];
let isWatching = false;

/** Explains every statement that objects execute and that D1 is given from now on. */
export async function watchQueries(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  await runInDurableObject(env.SKU.getByName("query-plans"), (_instance, state) => {
    const prototype = Object.getPrototypeOf(state.storage.sql) as SqlStorage;
    const exec = prototype.exec;
    prototype.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
      if (isNew(query)) note(query, exec.call(this, `EXPLAIN QUERY PLAN ${query}`, ...bindings).toArray());
      return exec.call(this, query, ...bindings);
    } as SqlStorage["exec"];
  });
  const prototype = Object.getPrototypeOf(env.DB) as D1Database;
  const prepare = prototype.prepare;
  prototype.prepare = function (this: D1Database, query: string) {
    if (isNew(query)) toExplain.push(query);
    return prepare.call(this, query);
  };
}

/** What is not bounded among the statements of this file, each with its plan. */
export async function unboundedQueries(): Promise<string[]> {
  for (const query of toExplain.splice(0)) {
    const explained = env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`);
    try {
      const { results } = await explained.bind(...Array(parametersOf(query)).fill(null)).all<Step>();
      note(query, results);
    } catch (error) {
      // A test that takes a table away: another file sees the statement with all tables there.
      if (!String(error).includes("no such table")) throw error;
      seen.delete(query);
    }
  }
  return unbounded.splice(0);
}

function isNew(query: string): boolean {
  if (seen.has(query) || !/^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(query)) return false;
  // Tests look at tables as they like.
  if (!/\/src\/(storage|objects|events|http)\//.test(new Error().stack ?? "")) return false;
  seen.add(query);
  return true;
}

function note(query: string, plan: unknown[]): void {
  const scans = scansOf(query, plan);
  if (scans.length > 0) unbounded.push(`${query.trim()}\n-- ${scans.join("\n-- ")}`);
}

/** The steps of a statement's plan that read more than they have to. */
export function scansOf(query: string, plan: unknown[]): string[] {
  if (BOUNDED_STATEMENTS.some((one) => one.test(query.trim()))) return [];
  const details = (plan as Step[]).map(({ detail }) => detail);
  // Parts of the statement itself, which were narrowed where they read a table.
  const parts = new Set(details.flatMap((detail) => /^(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(detail)?.[1] ?? []));
  return details.filter((detail) => {
    const table = /^SCAN (\S+)/.exec(detail)?.[1];
    return table !== undefined && !parts.has(table) && !BOUNDED_STEPS.some((one) => one.test(detail));
  });
}

/** How many parameters a statement takes: D1 wants all of them. */
function parametersOf(query: string): number {
  const numbered = [...query.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  return numbered.length > 0 ? Math.max(...numbered) : [...query.matchAll(/\?/g)].length;
}
