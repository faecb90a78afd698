import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import packaged from "@sparticuz/chromium";
import { type BrowserServer, chromium, type LaunchOptions } from "playwright-core";

// It goes when the packages do, so it is always of the version that is installed.
const cache = join(import.meta.dirname, "../../node_modules/.cache");
const unpacked = join(cache, "chromium");
const unpacking = `import("@sparticuz/chromium").then(({ default: chromium }) => chromium.executablePath())`;

// Made for functions that run once, where little memory is all. In a single process contexts share one storage, and the
// first to close ends it. Graphics in the browser's own process set its environment while other threads read it: a crash
// in one of ten starts, where the environment has a certain size.
const forFunctions = ["--single-process", "--no-zygote", "--in-process-gpu"];

// Graphics of a device that is emulated take more CPU than all else that the pages do; they draw in software without one.
const emulatedGraphics = [
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
];

/** The Chromium that comes as a package for Linux, and the installed Chrome elsewhere. */
export async function launchBrowser(): Promise<BrowserServer> {
  return chromium.launchServer(await launchOptions());
}

async function launchOptions(): Promise<LaunchOptions> {
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome" };
  const installed = "/usr/bin/chromium";
  const executablePath = existsSync(installed) ? installed : await unpack();
  const unwanted = new Set([...forFunctions, ...emulatedGraphics]);
  const args = [...packaged.args.filter((arg) => !unwanted.has(arg)), "--disable-gpu"];
  return { executablePath, args };
}

/**
 * The path of the browser, whole. The package unpacks into the folder for temporary files and takes what is there for
 * complete, so a second test that starts meanwhile would run half a browser, and so would all after an unpacking that
 * was interrupted. Here each unpacks for itself, and the first to be done keeps the place.
 */
async function unpack(): Promise<string> {
  if (!existsSync(unpacked)) {
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, "chromium-"));
    await promisify(execFile)(process.execPath, ["-e", unpacking], { env: { ...process.env, TMPDIR: folder } });
    await rename(folder, unpacked).catch((error) => {
      if (!existsSync(unpacked)) throw error;
    });
    await rm(folder, { recursive: true, force: true });
  }
  return join(unpacked, "chromium");
}
