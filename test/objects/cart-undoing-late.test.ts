import { describeLosses } from "./cart-losses.ts";
import { LATE } from "./cart-stories.ts";

for (const story of LATE) describeLosses(story, "before", "after", "crash");
