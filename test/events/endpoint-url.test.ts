import { describe, expect, it } from "vitest";
import { WEBHOOK_URL_CHARS_MAX } from "../../src/domain/bounds.ts";
import { refusedUrl } from "../../src/events/endpoint-url.ts";

const PUBLIC = [
  "https://example.com",
  "https://example.com/hook?tenant=1",
  "https://hooks.example.co.uk:8443/a/b",
  "HTTPS://EXAMPLE.COM/",
  "https://example.com./",
  "https://münchen.example/",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
  "https://localhost.example.com/",
  "https://10.example.com/",
];

const PRIVATE_NAMES = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost..",
  "shop",
  "shop.",
  "api.localhost",
  "printer.local",
  "printer.local.",
  "db.internal",
  "metadata.google.internal",
  "router.lan",
  "nas.home.arpa",
  "1.0.0.127.in-addr.arpa",
  "ｌｏｃａｌｈｏｓｔ",
  "printer。local",
];

const PRIVATE_ADDRESSES = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "017700000001",
  "１２７.0.0.1",
  "%31%32%37.0.0.1",
  "0.0.0.0",
  "0",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "0xa9fea9fe",
  "100.64.0.1",
  "100.127.255.254",
  "192.0.0.1",
  "192.0.2.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:10.0.0.1]",
  "[::ffff:8.8.8.8]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[::8.8.8.8]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
  "[2001:db8::1]",
  "[fc00::1]",
  "[fd12:3456::1]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]",
  "[100::1]",
];

const MALFORMED = [
  ["no URL", "not a url"],
  ["empty", ""],
  ["no scheme", "example.com/hook"],
  ["http", "http://example.com/"],
  ["another scheme", "ftp://example.com/"],
  ["a script", "javascript:alert(1)"],
  ["a file", "file:///etc/passwd"],
  ["a user", "https://ann@example.com/"],
  ["a password", "https://ann:secret@example.com/"],
  ["a password alone", "https://:secret@example.com/"],
  ["a fragment", "https://example.com/#part"],
  ["an empty fragment", "https://example.com/#"],
] as const;

describe("the URL of a webhook", () => {
  it.each(PUBLIC)("[WHK15] may be %s", (url) => {
    expect(refusedUrl(url, false)).toBeNull();
  });

  it.each(PRIVATE_NAMES)("[WHK15] may not lead to the name %s", (host) => {
    expect(refusedUrl(`https://${host}/hook`, false)).toMatch(/public|not a URL/);
  });

  it.each(PRIVATE_ADDRESSES)("[WHK15] may not lead to the address %s", (host) => {
    expect(refusedUrl(`https://${host}/hook`, false)).toMatch(/public/);
    expect(refusedUrl(`https://${host}:8443/hook`, false)).toMatch(/public/);
  });

  it.each(MALFORMED)("[WHK15] may not be one with %s", (_what, url) => {
    expect(refusedUrl(url, false)).not.toBeNull();
  });

  it("[WHK15] has at most 2,048 characters", () => {
    const of = (chars: number) => `https://example.com/${"x".repeat(chars - "https://example.com/".length)}`;
    expect(refusedUrl(of(WEBHOOK_URL_CHARS_MAX), false)).toBeNull();
    expect(refusedUrl(of(WEBHOOK_URL_CHARS_MAX + 1), false)).not.toBeNull();
  });
});

describe("the URL of a webhook in development", () => {
  it.each(["http://127.0.0.1:9000/", "http://localhost/", "https://[::1]/", "http://shop/", "https://10.0.0.1/"])(
    "[WHK15] may be %s",
    (url) => {
      expect(refusedUrl(url, true)).toBeNull();
    },
  );

  it.each(["ftp://127.0.0.1/", "http://ann@127.0.0.1/", "http://127.0.0.1/#part", "nonsense"])(
    "[WHK15] may not be %s either",
    (url) => {
      expect(refusedUrl(url, true)).not.toBeNull();
    },
  );
});
