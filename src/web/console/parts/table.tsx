import type { ReactNode } from "react";
import { Scroller } from "./scroller.tsx";

export interface Column {
  name: string;
  /** A figure, right-aligned. */
  isNumber?: boolean;
  /** The smallest table width, in rem, that shows this column; without it the column is always shown. */
  from?: 24 | 40 | 48 | 62;
  /** Its heading is for screen readers only. */
  isBare?: boolean;
}

/**
 * A table that hides its least important columns when it is narrow, and otherwise scrolls, also by keyboard. The actions of a
 * row stay visible.
 */
export function Table({
  label,
  columns,
  children,
  isReading = false,
  isEmpty = false,
  empty = "There is nothing here yet.",
}: {
  label: string;
  columns: readonly Column[];
  children: ReactNode;
  /** Its rows are still loading. */
  isReading?: boolean;
  isEmpty?: boolean;
  empty?: ReactNode;
}) {
  return (
    <Scroller label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={cellClass(column)}>
                {column.isBare ? <span className="unseen">{column.name}</span> : column.name}
              </th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
      {isReading && <p className="reading">Reading…</p>}
      {isEmpty && <p className="empty">{empty}</p>}
    </Scroller>
  );
}

function cellClass({ isNumber, from }: Omit<Column, "name">): string {
  return `${isNumber ? "number" : ""} ${from === undefined ? "" : `from-${from}`}`.trim();
}

/** Previous and next page of a list whose cursors only lead forward. */
export function Pager({
  page,
  isLast,
  onBack,
  onNext,
}: {
  page: number;
  isLast: boolean;
  onBack: () => void;
  onNext: () => void;
}) {
  if (page === 1 && isLast) return null;
  return (
    <nav className="pager" aria-label="Pages">
      <button className="button" type="button" onClick={onBack} disabled={page === 1}>
        Previous
      </button>
      <span>Page {page}</span>
      <button className="button" type="button" onClick={onNext} disabled={isLast}>
        Next
      </button>
    </nav>
  );
}
