import { Component, type ReactNode } from "react";

/** Shows its children; after a bug in them it says so and offers a way on. */
export class Boundary extends Component<{ children: ReactNode }, { fault: unknown }> {
  override state: { fault: unknown } = { fault: null };

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <main>
        <h1>This page cannot be shown</h1>
        <p className="trouble" role="alert">
          <strong>The console has a bug.</strong> {String(fault)}
        </p>
        <div className="buttons">
          <button className="button primary" type="button" onClick={() => this.setState({ fault: null })}>
            Try again
          </button>
          <button className="button" type="button" onClick={() => location.reload()}>
            Reload the console
          </button>
        </div>
      </main>
    );
  }
}
