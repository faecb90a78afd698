import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { sourceFiles, withoutComments } from "./source-files.ts";

/** Which rooms of src a room may import; a folder of src/objects is a room. `type`: only its types. */
const ROOMS: Record<string, string[]> = {
  domain: [],
  contracts: ["domain"],
  storage: ["domain"],
  logger: ["domain"],
  clock: [],
  live: ["domain", "contracts", "logger", "type clock"],
  events: ["domain", "contracts", "storage", "logger", "type clock"],
  "objects/rpc": ["type domain", "type live"],
  "objects/shared": ["domain", "contracts", "storage", "live", "events", "logger", "clock"],
  http: ["domain", "contracts", "storage", "logger", "type objects/rpc", "objects/shared"],
  scheduled: ["domain", "storage", "events", "logger", "objects/shared"],
  client: ["type contracts"],
  web: ["client"],
};
const OBJECTS = ["allowance", "cart", "drop", "relay", "sku", "webhook"];
for (const name of OBJECTS) {
  ROOMS[`objects/${name}`] = [...(ROOMS["objects/shared"] ?? []), "type objects/rpc", "objects/shared"];
}
ROOMS.worker = [
  "type domain",
  "events",
  "http",
  "scheduled",
  "objects/shared",
  ...OBJECTS.map((name) => `objects/${name}`),
];

/** The room of a path below src: its folder, one deeper in objects; a file there is a room by itself. */
function roomOf(path: string): string {
  const parts = path.replace(/\.tsx?$/, "").split("/");
  return parts[0] === "objects" ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

interface Import {
  from: string;
  to: string;
  path: string;
}

const imports: Import[] = sourceFiles("src")
  .filter(({ path }) => /\.tsx?$/.test(path))
  .map(withoutComments)
  .flatMap(({ path, text }) =>
    [
      ...text.matchAll(
        /(?:\b(?:import|export)\s+(type\s)?[^;"]*?\bfrom\s+|(\btypeof\s+)?\bimport\s*\(?\s*)"(\.[^"]+)"/g,
      ),
    ].map(([, type, typeOf, target]) => {
      const from = roomOf(path.slice("src/".length));
      const to = roomOf(join(dirname(path), target ?? "").slice("src/".length));
      return {
        from,
        to: type === undefined && typeOf === undefined ? to : `type ${to}`,
        path: `${path} imports ${target}`,
      };
    }),
  )
  .filter(({ from, to }) => to.replace("type ", "") !== from);

const isAllowed = ({ from, to }: Import) => {
  const allowed = ROOMS[from] ?? [];
  return allowed.includes(to) || allowed.includes(to.replace("type ", ""));
};

it("a room of src imports only those that it may", () => {
  expect(imports.length).toBeGreaterThan(500);
  expect(imports.filter((one) => !isAllowed(one)).map(({ path }) => path)).toEqual([]);
});

it("the list of rooms has no room, and no import between two, that there is not", () => {
  const rooms = new Set(sourceFiles("src").map(({ path }) => roomOf(path.slice("src/".length))));
  expect(Object.keys(ROOMS).sort()).toEqual([...rooms].filter((room) => !/\.(css|html)$/.test(room)).sort());
  const used = new Set(imports.map(({ from, to }) => `${from} -> ${to.replace("type ", "")}`));
  const listed = Object.entries(ROOMS).flatMap(([from, all]) =>
    all.map((to) => `${from} -> ${to.replace("type ", "")}`),
  );
  // Objects share one list, of which each uses what it needs.
  expect(listed.filter((one) => !used.has(one) && !one.startsWith("objects/"))).toEqual([]);
});
