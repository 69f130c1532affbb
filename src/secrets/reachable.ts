/**
 * The values that references can reach: an agent that stores one in a visible field must not read it there, in this call
 * or in any later one.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { mayRead, type ReferenceSources, readWhole } from "./references.ts";

interface ReachableSources extends Pick<ReferenceSources, "env" | "secretEnv" | "secretDir"> {
  /** Masks a value from then on; the function that it returns is called once no reference reaches it any more. */
  keep: (value: string) => () => void;
}

/** At most this many files are read. */
const MOST_FILES = 1_000;

/** Keeps the variables at once; the function it returns keeps the files, again where they have changed. */
export function keepReachable({ env, secretEnv, secretDir, keep }: ReachableSources): () => Promise<void> {
  for (const [name, value] of Object.entries(env)) if (value && mayRead(name, secretEnv)) keep(value);
  if (secretDir === undefined) return () => Promise.resolve();
  const seen = new Map<string, { version: string; release?: () => void }>();
  const keepFile = async (path: string): Promise<void> => {
    const { mtimeMs, ctimeMs, size } = await stat(path);
    const version = `${mtimeMs} ${ctimeMs} ${size}`;
    if (seen.get(path)?.version === version) return;
    const found = await readWhole(path);
    const before = seen.get(path);
    seen.set(path, { version, ...("value" in found && { release: keep(found.value) }) });
    before?.release?.();
  };
  return async () => {
    const entries = await readdir(secretDir, { recursive: true }).catch(() => []);
    // A file that cannot be read here cannot be read by a reference either.
    const paths = entries.slice(0, MOST_FILES).map((entry) => join(secretDir, entry));
    await Promise.allSettled(paths.map(keepFile));
    if (paths.length === 0) return;
    const there = new Set(paths);
    for (const [path, { release }] of seen) {
      if (there.has(path)) continue;
      release?.();
      seen.delete(path);
    }
  };
}
