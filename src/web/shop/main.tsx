import { StrictMode, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "../../client/client.ts";
import { HoldfastProvider } from "../../client/react/hooks.ts";
import { AnnouncerProvider } from "./announcer.tsx";
import { createSession, type Entry, enter, NoDemo } from "./session.ts";
import { Settling } from "./settling.tsx";
import { Shop } from "./shop.tsx";
import { useDrop } from "./use-drop.ts";
import "./styles/type.css";
import "./styles/page.css";
import "./styles/product.css";
import "./styles/actions.css";
import "./styles/panels.css";
import "./styles/bank.css";
import "./styles/forced.css";
import "./styles/still.css";

const dropName = new URLSearchParams(location.search).get("drop") ?? "demo-drop";

type Visit = { status: "asking" | "no demo" | "unreachable" } | ({ status: "let in" } & Entry);

/** The shop once the visitor is known; before that, or without a session, a message. */
function Door() {
  const [visit, setVisit] = useState<Visit>({ status: "asking" });
  const { status } = visit;
  useEffect(() => {
    if (status !== "asking") return;
    enter().then(
      (entry) => setVisit({ status: "let in", ...entry }),
      (error: unknown) => setVisit({ status: error instanceof NoDemo ? "no demo" : "unreachable" }),
    );
  }, [status]);
  if (visit.status === "let in") return <Inside {...visit} />;
  if (status === "asking") return <Notice title="Loading the shop…" />;
  if (status === "unreachable") return <Unreachable again={() => setVisit({ status: "asking" })} />;
  return <Notice title="The demo is switched off" words="Set DEMO=true and SHOPPER_CONFIRM=true to switch it on." />;
}

function Inside({ token, isFirstVisit }: Entry) {
  const client = useMemo(() => createClient({ token: createSession(token) }), [token]);
  return (
    <HoldfastProvider client={client}>
      <Drop isFirstVisit={isFirstVisit} />
    </HoldfastProvider>
  );
}

function Drop({ isFirstVisit }: { isFirstVisit: boolean }) {
  const drop = useDrop(dropName);
  const waiting = <Notice title="Loading sizes…" />;
  if (drop.status === "ready") {
    return (
      <Settling cover={waiting}>
        <Shop range={drop.range} reread={drop.reread} isFirstVisit={isFirstVisit} />
      </Settling>
    );
  }
  if (drop.status === "loading") return waiting;
  if (drop.status === "unreachable") return <Unreachable again={drop.again} />;
  return (
    <Notice title="Drop not found" words={`There is no drop called “${dropName}”, or it has not been set up yet.`} />
  );
}

function Unreachable({ again }: { again: () => void }) {
  return (
    <Notice title="We can’t reach the shop" words="Your connection, or ours. What you hold stays reserved for you.">
      <button type="button" className="action main" onClick={again}>
        <span>Try again</span>
      </button>
    </Notice>
  );
}

function Notice({ title, words, children }: { title: string; words?: string; children?: React.ReactNode }) {
  return (
    <main className="notice">
      <p className="brand">Slackwater</p>
      <h1>{title}</h1>
      {words !== undefined && <p>{words}</p>}
      {children}
    </main>
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <AnnouncerProvider>
      <Door />
    </AnnouncerProvider>
  </StrictMode>,
);
