import ipaddr from "ipaddr.js";
import { WEBHOOK_URL_CHARS_MAX } from "../domain/bounds.ts";

/** Last labels of names that are not public hosts. */
const PRIVATE_NAMES = new Set(["localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "test"]);
/** The same for names of two labels. */
const PRIVATE_DOMAINS = ["home.arpa", "in-addr.arpa", "ip6.arpa"];

/**
 * Why nothing may be sent to this URL; null if it is allowed. Only https to a public name or address is allowed, in any
 * spelling, unless private ones are allowed too. Names are not resolved here; the platform refuses private targets.
 */
export function refusedUrl(text: string, allowPrivate: boolean): string | null {
  if (text.length > WEBHOOK_URL_CHARS_MAX) return `at most ${WEBHOOK_URL_CHARS_MAX} characters`;
  const url = URL.parse(text);
  if (url === null) return "not a URL";
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) return "https only";
  if (url.username !== "" || url.password !== "") return "no user name or password";
  if (url.hash !== "" || text.includes("#")) return "no fragment";
  return allowPrivate || isPublic(url.hostname) ? null : "public names and addresses only";
}

/** Judges a host as the URL parser has normalized it: an address has its usual form by then, whatever digits it was written in. */
function isPublic(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() === "unicast" && !isTunnel(host);
  const parts = host.split(".");
  if (parts.length < 2 || parts.includes("") || PRIVATE_NAMES.has(parts.at(-1) ?? "")) return false;
  return !PRIVATE_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** Deprecated forms of IPv6 addresses that contain an IPv4 address. */
function isTunnel(host: string): boolean {
  return host.startsWith("::") && ipaddr.IPv6.isValid(host);
}
