/** What the platform charges for, counted while `COUNTING` is set: none of it is in anybody's answer. */
export interface Counting {
  COUNTING?: string;
}

/** Calls of objects, rows of objects and of D1, and messages of the queue. */
export type Charged = "objectRequests" | "rowsWritten" | "rowsRead" | "d1RowsWritten" | "d1RowsRead" | "messages";

// Of the isolate, which the Worker and its objects share here.
const counts = new Map<Charged, number>();

/** What was counted since this was last called. */
export function takeCounts(): Record<string, number> {
  const taken = Object.fromEntries(counts);
  counts.clear();
  return taken;
}

function add(what: Charged, by: number): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

/** The bindings, with every call of an object, every statement of D1 and every message counted. */
export function withCounting<Near extends Env & Counting>(env: Near): Near {
  if (env.COUNTING === undefined) return env;
  const { SKU, CART, ALLOWANCE, DROP, RELAY, WEBHOOK } = env;
  const namespaces = Object.entries({ SKU, CART, ALLOWANCE, DROP, RELAY, WEBHOOK });
  const counted = Object.fromEntries(namespaces.map(([name, namespace]) => [name, countedNamespace(namespace)]));
  return { ...env, ...counted, DB: countedD1(env.DB), NEWS: countedQueue(env.NEWS) };
}

function countedNamespace<Namespace extends { getByName(name: string): object }>(namespace: Namespace) {
  return {
    getByName(name: string) {
      return new Proxy(namespace.getByName(name), {
        get(stub, method) {
          const member = Reflect.get(stub, method);
          if (typeof member !== "function") return member;
          return (...parameters: unknown[]) => {
            add("objectRequests", 1);
            return Reflect.apply(member, stub, parameters);
          };
        },
      });
    },
  };
}

function countedD1(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name === "batch")
        return async (statements: D1PreparedStatement[]) => countRows(await target.batch(statements));
      if (name === "prepare") return (query: string) => countedStatement(target.prepare(query));
      return member.bind(target);
    },
  });
}

/** A statement by itself; in a batch it is counted with the others. */
function countedStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const { bind, all, run } = statement;
  statement.bind = (...values) => countedStatement(bind.apply(statement, values));
  statement.all = (async () => countRows([await all.apply(statement)])[0]) as typeof all;
  statement.run = (async () => countRows([await run.apply(statement)])[0]) as typeof run;
  return statement;
}

function countRows<Result extends D1Result>(results: Result[]): Result[] {
  for (const { meta } of results) {
    add("d1RowsWritten", meta.rows_written ?? 0);
    add("d1RowsRead", meta.rows_read ?? 0);
  }
  return results;
}

function countedQueue(queue: Queue): Queue {
  return new Proxy(queue, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...parameters: unknown[]) => {
        add("messages", 1);
        return Reflect.apply(member, target, parameters);
      };
    },
  });
}

let isCountingStorage = false;

/** Counts the rows of all objects; an alarm that is set or deleted is a row written. */
export function countStorage({ COUNTING }: Counting, storage: DurableObjectStorage): void {
  if (COUNTING === undefined || isCountingStorage) return;
  isCountingStorage = true;
  const sql = Object.getPrototypeOf(storage.sql) as SqlStorage;
  const exec = sql.exec;
  let last: SqlStorageCursor<Record<string, SqlStorageValue>> | null = null;
  sql.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
    // What a query reads is known when its rows have been taken, which they have when the next one comes.
    if (last !== null) add("rowsRead", last.rowsRead);
    const cursor = exec.call(this, query, ...bindings);
    add("rowsWritten", cursor.rowsWritten);
    last = cursor;
    return cursor;
  } as SqlStorage["exec"];
  const kept = Object.getPrototypeOf(storage) as DurableObjectStorage;
  for (const name of ["setAlarm", "deleteAlarm"] as const) {
    const set = kept[name] as (...parameters: unknown[]) => Promise<void>;
    kept[name] = function (this: DurableObjectStorage, ...parameters: unknown[]) {
      add("rowsWritten", 1);
      return set.apply(this, parameters);
    };
  }
}
