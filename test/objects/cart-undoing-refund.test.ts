import { describeLosses } from "./cart-losses.ts";
import { LATE_REFUNDED } from "./cart-stories.ts";

describeLosses(LATE_REFUNDED, "before", "after", "crash");
