import { Sneaker } from "./sneaker.tsx";

/** The shoe, on its field. */
export function Hero({ name, tab }: { name: string; tab: string }) {
  const [first, ...rest] = name.split(" ");
  return (
    <div className="hero">
      <p className="hero-word" aria-hidden="true">
        <span>{first}</span>
        <span>{rest.join(" ")}</span>
      </p>
      <Sneaker tab={tab} />
      <p className="hero-note">
        <span className="hero-chip" style={{ background: tab }} />
        Every size wears a heel tab of its own color
      </p>
    </div>
  );
}
