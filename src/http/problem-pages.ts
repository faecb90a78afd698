import type { MiddlewareHandler } from "hono";
import { html } from "hono/html";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from "../contracts/problems.ts";
import type { App } from "./auth.ts";

/** A page for each problem type, at the `type` of its problem documents, and a list of all. */
export function addProblemPages(app: App): void {
  app.get("/problems", pageHeaders, (context) => context.html(page("Problems", list())));
  app.get("/problems/:code", pageHeaders, (context) => {
    const code = PROBLEM_CODES.find((known) => known === context.req.param("code"));
    return code === undefined ? context.notFound() : context.html(page(PROBLEMS[code].title, explanation(code)));
  });
}

/** Not cached, without scripts, and not framed by other pages. */
const pageHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("Cache-Control", "no-store");
  context.header(
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
};

function list() {
  return html`<ul>${PROBLEM_CODES.map((code) => html`<li><a href="/problems/${code}"><code>${code}</code></a> <span>${PROBLEMS[code].title}</span></li>`)}</ul>`;
}

function explanation(code: ProblemCode) {
  const { status, meaning } = PROBLEMS[code];
  return html`<p><code>${code}</code> <span>comes with status ${status}</span></p><p>${withCode(meaning)}</p><p><a href="/problems">All problems</a> · <a href="/docs">API reference</a></p>`;
}

/** Text between backticks is a name on the wire. */
function withCode(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

function page(title: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Holdfast</title>
<style>
:root { color-scheme: light dark; --ink: #16202b; --soft: #5b6875; --paper: #fbfaf7; --line: #dcd8cf; --accent: #0b6b5d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #9aa5b1; --paper: #14181d; --line: #2c333b; --accent: #5cc9b5; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 1.25rem; }
code { font: 0.95em ui-monospace, monospace; background: color-mix(in srgb, var(--accent) 12%, transparent); padding: 0.15em 0.4em; border-radius: 0.3em; }
span { color: var(--soft); }
a { color: var(--accent); }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: 0.6rem 0; display: flex; gap: 0.9rem; flex-wrap: wrap; align-items: baseline; }
header { color: var(--soft); font-size: 0.9rem; margin-bottom: 0.5rem; }
</style>
</head>
<body><main><header>Holdfast</header><h1>${title}</h1>${content}</main></body>
</html>`;
}
