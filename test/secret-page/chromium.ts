/** A real browser for tests: Debian's Chromium, or the one that CHROMIUM_PATH names. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env["CHROMIUM_PATH"] || "/usr/bin/chromium";

/** Whether to skip the tests that need a browser. In CI they fail without one. */
export const isBrowserMissing = !existsSync(executablePath) && !process.env["CI"];

/** Somebody else's name that points to this computer, as in DNS rebinding. */
export const foreignName = "evil.example.com";

export function launch(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(
      `There is no browser at ${executablePath}. Install it (apt-get install -y chromium), or set CHROMIUM_PATH to one`,
    );
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      `--host-resolver-rules=MAP ${foreignName} 127.0.0.1`,
    ],
  });
}
