import { type Browser, chromium, type Page } from "playwright-core";
import type { Service } from "../../scripts/service.ts";
import { type Claims, signToken } from "../../scripts/sign-token.ts";

/** A service with its pages, and a browser in front of it. */
export class Stage {
  readonly url: string;
  readonly admin: string;
  readonly storefront: string;
  readonly #secret: string;
  readonly #browser: Browser;
  readonly #stop: () => Promise<void>;

  private constructor(
    service: Pick<Service, "url" | "secret">,
    browser: Browser,
    stop: () => Promise<void>,
    admin: string,
    storefront: string,
  ) {
    this.url = service.url;
    this.admin = admin;
    this.storefront = storefront;
    this.#secret = service.secret;
    this.#browser = browser;
    this.#stop = stop;
  }

  /** In front of this service, in a browser that runs already; `stop` ends what is this stage's alone. */
  static async open(
    service: Pick<Service, "url" | "secret">,
    browser: string,
    stop: () => Promise<void> = async () => {},
  ): Promise<Stage> {
    const token = (role: "admin" | "storefront") => signToken(service.secret, { role, sub: "stage" });
    return new Stage(service, await chromium.connect(browser), stop, await token("admin"), await token("storefront"));
  }

  /** Closes all pages: those that nobody looks at any more would go on drawing. */
  async closePages(): Promise<void> {
    const contexts = this.#browser.contexts();
    // What a test holds back may be under way when it ends.
    await Promise.all(contexts.map((context) => context.unrouteAll({ behavior: "ignoreErrors" })));
    const pages = contexts.flatMap((context) => context.pages());
    await Promise.all(pages.map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
    await Promise.all(contexts.map((context) => context.close()));
  }

  /** Leaves the browser, whose pages of this stage go. */
  async close(): Promise<void> {
    await this.closePages();
    await this.#browser.close();
    await this.#stop();
  }

  /** A token as a shop's back end signs it, a shopper's unless it is said otherwise. */
  tokenOf(sub: string, claims: Partial<Claims> = {}): Promise<string> {
    return signToken(this.#secret, { role: "shopper", sub, ...claims });
  }

  /** A page of somebody else: each has cookies and storage of its own. */
  async page(path: string, { phone = false }: { phone?: boolean } = {}): Promise<Page> {
    const viewport = phone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
    // Where the machine has no language, Chromium takes one that pages cannot format numbers in.
    const context = await this.#browser.newContext({
      locale: "en-GB",
      viewport,
      deviceScaleFactor: phone ? 2 : 1,
      // A page that moves is drawn sixty times a second, in software, as long as it is open.
      reducedMotion: "reduce",
    });
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
