import type { App } from "./auth.ts";
import { settingsOf } from "./settings.ts";

/**
 * The static pages. Cloudflare serves them before it calls the Worker; other runtimes call the Worker, which reads them from
 * the same assets.
 */
export function addWeb(app: App): void {
  app.get("/", (context) => context.redirect(settingsOf(context.env).DEMO ? "/shop/" : "/docs/"));
  for (const path of ["/shop/*", "/console/*", "/docs/*", "/assets/*"]) {
    app.get(path, async (context) => {
      const file = await context.env.ASSETS.fetch(new Request(context.req.url));
      return file.status === 404 ? context.notFound() : new Response(file.body, file);
    });
  }
}
