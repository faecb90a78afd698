import type { Target } from "./points.ts";

interface Event {
  sequence: number;
  type: string;
  time: string;
  data: { reservation?: { expiresAt: string } };
}

/** The sequence of the last event of a SKU. */
export async function sequenceOf(target: Target, sku: string): Promise<number> {
  return ((await read(target, `/v1/skus/${sku}`)) as { version: number }).version;
}

/** How many milliseconds late each hold was released that ended after an event. */
export async function releasesSince(target: Target, sku: string, sequence: number): Promise<number[]> {
  const late: number[] = [];
  for (let after = sequence; ; ) {
    const page = (await read(target, `/v1/events?sku=${sku}&after=${after}&limit=1000`)) as { items: Event[] };
    for (const { type, time, data } of page.items) {
      if (type === "reservation.expired") late.push(Date.parse(time) - Date.parse(data.reservation?.expiresAt ?? ""));
    }
    const last = page.items.at(-1);
    if (last === undefined) return late;
    after = last.sequence;
  }
}

async function read({ url, admin }: Target, path: string): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${admin}` } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
