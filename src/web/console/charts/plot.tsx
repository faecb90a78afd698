import { useEffect, useRef, useState } from "react";
import { moment } from "../format.ts";
import { Scroller } from "../parts/scroller.tsx";
import type { Chart, Line } from "./chart.ts";
import { ChartView } from "./chart-view.ts";

/**
 * A chart with its legend. The legend shows the values under the pointer, otherwise the result of `resting` for each line. All
 * values are also in a table, for screen readers and for exact numbers.
 */
export function Plot({
  title,
  chart,
  resting,
  restingNote,
  empty,
}: {
  title: string;
  chart: Chart;
  resting: (line: Line) => string;
  restingNote: string;
  empty?: string | undefined;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ChartView | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    if (host.current === null) return;
    const made = new ChartView(host.current, setPointed);
    setView(made);
    return () => made.destroy();
  }, []);
  useEffect(() => view?.show(chart), [view, chart]);

  const isPointed = pointed !== null && pointed < chart.at.length;
  const figures = chart.lines.map((line) => ({
    line,
    figure: isPointed ? chart.format(line.values[pointed] ?? 0) : resting(line),
  }));
  const spoken = figures.map(({ line, figure }) => `${line.label} ${figure}`).join(", ");
  return (
    <figure className="panel plot" data-chart={title}>
      <figcaption>
        <strong>{title}</strong>
        <span>{isPointed ? nameOf(chart, pointed) : restingNote}</span>
      </figcaption>
      <ul className="legend">
        {figures.map(({ line, figure }) => (
          <li key={line.label}>
            <i style={{ background: `var(--${line.tone})` }} />
            {line.label} <b>{figure}</b>
          </li>
        ))}
      </ul>
      <div className="canvas" ref={host} role="img" aria-label={`${title}, ${restingNote}: ${spoken || empty}`}>
        {chart.lines.length === 0 && <p className="empty">{empty}</p>}
      </div>
      {chart.lines.length > 0 && <Numbers title={title} chart={chart} />}
    </figure>
  );
}

function nameOf({ at, places }: Chart, index: number): string {
  return places?.[index] ?? moment((at[index] ?? 0) * 1000);
}

function Numbers({ title, chart }: { title: string; chart: Chart }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span className="unseen"> of {title}</span>
      </summary>
      {isOpen && (
        <Scroller label={`Data of ${title}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{chart.places ? "Up to" : "From"}</th>
                {chart.lines.map(({ label }) => (
                  <th key={label} scope="col" className="number">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {chart.at.map((at, index) => (
                <tr key={at}>
                  <th scope="row">{nameOf(chart, index)}</th>
                  {chart.lines.map(({ label, values }) => (
                    <td key={label} className="number">
                      {chart.format(values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </details>
  );
}
