import { describeLosses } from "./cart-losses.ts";
import { LATE } from "./cart-stories.ts";

describeLosses(LATE, "before", "after", "crash");
