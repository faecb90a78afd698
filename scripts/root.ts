import { dirname } from "node:path";

/** The project's folder: where package.json and wrangler.toml are. */
export const root = dirname(import.meta.dirname);
