import { describeLosses } from "./cart-losses.ts";
import { LATE_OVER_LIMIT } from "./cart-stories.ts";

describeLosses(LATE_OVER_LIMIT, "before", "after");
