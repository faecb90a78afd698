import type { ReactNode } from "react";
import { feedOf } from "./feed.ts";
import { clockTime, duration } from "./format.ts";
import { useSession } from "./session/session.tsx";
import { useNow } from "./state/now.ts";
import { hrefOf } from "./state/route.ts";
import { useSkus } from "./state/skus.tsx";

const PLACES = [
  { page: "stock", title: "Stock", also: ["skus", "drops"] },
  { page: "reservations", title: "Reservations", also: [] },
  { page: "webhooks", title: "Webhooks", also: [] },
  { page: "health", title: "Health", also: [] },
] as const;

/** A session that ends this soon gets a prominent warning. */
const ENDING_SECONDS = 5 * 60;

/** The frame of every page: navigation, the state of the live feed, and the session. */
export function Frame({ page, children }: { page: string; children: ReactNode }) {
  return (
    <>
      <header className="frame">
        <p className="brand">
          Holdfast <span>console</span>
        </p>
        <nav aria-label="Console">
          {PLACES.map((place) => {
            const isHere = place.page === page || place.also.some((also) => also === page);
            return (
              <a key={place.page} href={hrefOf(place.page)} {...(isHere ? { "aria-current": "page" } : {})}>
                {place.title}
              </a>
            );
          })}
        </nav>
        <Feed />
        <Signed />
      </header>
      {children}
    </>
  );
}

function Feed() {
  const skus = useSkus();
  const { tone, text } = feedOf(skus);
  return (
    <span className={`mark ${tone} feed`} data-connection={skus.connection}>
      {text}
    </span>
  );
}

function Signed() {
  const { token, signOut } = useSession();
  const seconds = Math.max(0, (token.expiresAt - useNow()) / 1000);
  const isEnding = seconds < ENDING_SECONDS;
  return (
    <div className="signed">
      <span className="who" title={`Signed in until ${clockTime(token.expiresAt)}`}>
        <span className="sub">{token.sub}</span>
        <span className={isEnding ? "ending" : ""}>
          {isEnding ? `session ends in ${duration(seconds)}` : `${duration(Math.floor(seconds / 60) * 60)} left`}
        </span>
      </span>
      <button className="button small" type="button" onClick={() => signOut("You are signed out.")}>
        Sign out
      </button>
    </div>
  );
}
