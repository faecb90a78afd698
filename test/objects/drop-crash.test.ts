import { describeDropLosses, JOINING } from "./drop-losses.ts";

for (const story of JOINING) describeDropLosses(story);
