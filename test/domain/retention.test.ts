import { expect, it } from "vitest";
import {
  RETENTION_DAYS_DEFAULT,
  RETENTION_DAYS_MAX,
  RETENTION_DAYS_MIN,
  retentionDaysOf,
} from "../../src/domain/retention.ts";

it("[REC10] RETENTION_DAYS is 45 to 3650 days, 400 where it is not set, and nothing else", () => {
  expect([RETENTION_DAYS_MIN, RETENTION_DAYS_DEFAULT, RETENTION_DAYS_MAX]).toEqual([45, 400, 3650]);
  expect(["45", "3650", "", undefined].map(retentionDaysOf)).toEqual([45, 3650, 400, 400]);
  expect(["44", "3651", "0", "-400", "4e2", "400.5", " 400", "forever", "99999"].map(retentionDaysOf)).toEqual(
    Array(9).fill(null),
  );
});
