import { evictDurableObject as evict } from "cloudflare:test";

/**
 * Takes an object out of memory. One that is not there has just gone by itself: an object whose clock stands still, as tests have it,
 * restarts soon.
 */
export async function evictDurableObject(...asked: Parameters<typeof evict>): Promise<void> {
  try {
    await evict(...asked);
  } catch (error) {
    if (!String(error).includes("not currently running")) throw error;
  }
}
