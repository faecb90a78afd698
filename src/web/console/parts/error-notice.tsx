import { clockTime } from "../format.ts";
import { explain, type Failure } from "../state/failure.ts";

/** Explains a failure in plain English. */
export function ErrorNotice({
  failure,
  doing,
  since = null,
}: {
  failure: Failure | null;
  doing: Parameters<typeof explain>[1];
  /** When the data that is still shown was read. */
  since?: number | null;
}) {
  if (failure === null) return null;
  const { title, detail } = explain(failure, doing);
  return (
    <div className="trouble" role="alert">
      <strong>{title}.</strong> {detail}
      {since !== null && ` The data shown is from ${clockTime(since)}; the console keeps retrying.`}
    </div>
  );
}
