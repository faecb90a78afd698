import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type Service, startService } from "../../scripts/service.ts";
import { type Claims, signToken } from "../../scripts/sign-token.ts";
import { launch } from "./chromium.ts";

/** The service with its pages, and a browser in front of it. */
export class Stage {
  readonly url: string;
  readonly admin: string;
  readonly storefront: string;
  readonly #service: Service;
  readonly #browser: Browser;
  readonly #stateDir: string;

  private constructor(service: Service, browser: Browser, stateDir: string, admin: string, storefront: string) {
    this.url = service.url;
    this.admin = admin;
    this.storefront = storefront;
    this.#service = service;
    this.#browser = browser;
    this.#stateDir = stateDir;
  }

  static async open(): Promise<Stage> {
    const stateDir = await mkdtemp(join(tmpdir(), "holdfast-stage-"));
    const vars = { DEMO: "true", SHOPPER_CONFIRM: "true", PRIVATE_WEBHOOKS: "true" };
    const browser = await launch();
    const service = await startService({ port: 0, stateDir, vars });
    const token = (role: "admin" | "storefront") => signToken(service.secret, { role, sub: "stage" });
    return new Stage(service, browser, stateDir, await token("admin"), await token("storefront"));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#service.stop();
    await rm(this.#stateDir, { recursive: true, force: true });
  }

  /** A token as a shop's back end signs it, a shopper's unless it is said otherwise. */
  tokenOf(sub: string, claims: Partial<Claims> = {}): Promise<string> {
    return signToken(this.#service.secret, { role: "shopper", sub, ...claims });
  }

  /** A page of somebody else: each has cookies and storage of its own. */
  async page(path: string, { phone = false }: { phone?: boolean } = {}): Promise<Page> {
    const viewport = phone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
    // Where the machine has no language, Chromium takes one that pages cannot format numbers in.
    const context = await this.#browser.newContext({ locale: "en-GB", viewport, deviceScaleFactor: phone ? 2 : 1 });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${this.url}${path}`);
    return page;
  }

  /** A call of the API, which has to succeed. */
  async call<Answer>(method: string, path: string, body?: unknown, token = this.admin): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as Answer;
  }
}
