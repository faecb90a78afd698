import { type Place, ROUTES, type Route } from "./routes.ts";

/** Raw JSON, because some of it cannot be made by JSON.stringify. */
export const JUNK = [
  "null",
  "true",
  "-1",
  "0",
  "-0",
  "1.5",
  "1e309",
  "-1e309",
  "9007199254740992",
  "1e-320",
  '"1"',
  '""',
  '" "',
  "[]",
  "{}",
  "[1]",
  "[[[[[[[[[[null]]]]]]]]]]",
  '{"a":{"b":{"c":[]}}}',
  '{"__proto__":{"quantity":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"length":1,"0":1}',
  '{"toString":1,"toJSON":1,"valueOf":1}',
];

/** Text that is no name, title or id. */
export const ODD_TEXTS = [
  "\u0000",
  "a\u0000b",
  "\ud83d",
  "\udc5f\ud83d",
  "line\nbreak",
  "\u007f",
  "\u0085",
  "",
  "x".repeat(5000),
  "👟".repeat(3000),
];

/** The route of this name. */
export function routeNamed(name: string): Route {
  const route = ROUTES.find((known) => known.name === name);
  if (route === undefined) throw new Error(`no route ${name}`);
  return route;
}

/** The route's body with one member set to raw JSON. */
export function bodyWith(route: Route, place: Place, member: string, raw: string): string {
  const { [member]: _old, ...others } = route.body?.(place) ?? {};
  const rest = JSON.stringify(others).slice(1, -1);
  return `{${JSON.stringify(member)}:${raw}${rest === "" ? "" : `,${rest}`}}`;
}
