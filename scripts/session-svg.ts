/**
 * Draws the README's picture of a session from a real run of the demo: `npm run session`. What differs from run to run
 * is replaced, so the picture changes only where the demo does.
 */
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { shortened, terminal } from "./session/terminal.ts";

const root = new URL("../", import.meta.url).pathname;

/** The parts of the demo that tell the story in a picture's room. */
const parts = [
  "What can be chosen from",
  "A dry run",
  "Create it",
  "The same name again",
  "What agents get slightly wrong",
  "A place that does not exist",
];

const output = execFileSync("npm", ["run", "--silent", "demo"], { cwd: root, encoding: "utf8" });
await mkdir(`${root}docs`, { recursive: true });
await writeFile(`${root}docs/session.svg`, terminal("npm run demo", shortened(output, parts)));
