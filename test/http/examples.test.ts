import { afterAll, expect, it, vi } from "vitest";
import { Recorder } from "./recorder.ts";
import { tell } from "./story.ts";

afterAll(() => {
  vi.useRealTimers();
});

it("[API14] what the documentation shows as examples is what the service answers", async () => {
  const recorder = new Recorder();
  await tell(recorder);
  await expect(recorder.toText()).toMatchFileSnapshot("../../src/http/examples.json");
}, 60_000);
