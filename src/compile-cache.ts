/** Where Node may keep the compiled form of this server between starts: a folder that is the user's alone. */
import { lstatSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const NAME = "atlas-streams-mcp";

/**
 * The folder, made where it is missing. Whoever can write to it decides what the server runs, so one that is a link, that
 * belongs to somebody else or that others can write to is not used: undefined then, and where none can be made.
 */
export function compileCacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const base = env["XDG_CACHE_HOME"] || env["LOCALAPPDATA"] || join(homedir(), ".cache");
  const folder = join(base, NAME);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    const isOwn = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
    const isShared = process.getuid !== undefined && (found.mode & 0o077) !== 0;
    return isOwn && !isShared ? folder : undefined;
  } catch {
    return undefined;
  }
}
