import { describeDropLosses, TELLING } from "./drop-losses.ts";

for (const story of TELLING) describeDropLosses(story);
