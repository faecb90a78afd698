import type { Locator, Page } from "playwright-core";
import type { Stage } from "./browser.ts";

/** Somebody at the console, who knows it by what is written on it. */
export class Operator {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    // Whatever takes longer than this nobody would wait for.
    page.setDefaultTimeout(15_000);
  }

  /** Somebody who has signed in, at a page of the console. */
  static async signIn(stage: Stage, hash = "#/", phone = false): Promise<Operator> {
    const operator = new Operator(await stage.page(`/console/${hash}`, { phone }));
    await operator.giveToken(stage.admin);
    // The page that asks for the token has a heading too.
    await operator.page.getByRole("navigation").waitFor();
    return operator;
  }

  async giveToken(token: string): Promise<void> {
    await this.page.getByLabel("Admin token").fill(token);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async goTo(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  }

  async press(name: string, within: Page | Locator = this.page): Promise<void> {
    await within.getByRole("button", { name, exact: true }).click();
  }

  /** The dialog that is open. */
  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  async fill(fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields))
      await this.dialog.getByLabel(label, { exact: true }).fill(value);
  }

  /** Waits until the console tells that something was done. */
  async hears(text: string): Promise<void> {
    await this.page.getByRole("status").getByText(text).waitFor();
  }

  /** Waits until one of these figures is that. */
  async sees(name: string, value: string): Promise<void> {
    const figure = this.page.locator(".figure", { has: this.page.getByText(name, { exact: true }) });
    await figure.locator("dd", { hasText: new RegExp(`^${value}`) }).waitFor();
  }
}
