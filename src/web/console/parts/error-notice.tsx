import { clockTime } from "../format.ts";
import { explain, type Failure } from "../state/failure.ts";

/** Says in plain English why something came to nothing. */
export function ErrorNotice({
  failure,
  doing,
  since = null,
}: {
  failure: Failure | null;
  doing: Parameters<typeof explain>[1];
  /** When what is still shown was read. */
  since?: number | null;
}) {
  if (failure === null) return null;
  const { title, detail } = explain(failure, doing);
  return (
    <div className="trouble" role="alert">
      <strong>{title}.</strong> {detail}
      {since !== null && ` What is shown here is of ${clockTime(since)}; the console keeps trying.`}
    </div>
  );
}
