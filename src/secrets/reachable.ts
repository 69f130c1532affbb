/**
 * The values that references can reach, known for the life of the process: an agent that stores one in a visible field
 * must not read it there, in this call or in any later one.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { mayRead, type ReferenceSources, readWhole } from "./references.ts";

interface ReachableSources extends Pick<ReferenceSources, "env" | "secretEnv" | "secretDir"> {
  /** Masks values from then on. */
  keep: (values: Iterable<string>) => void;
}

/** At most this many files are read. */
const MOST_FILES = 1_000;

/** Keeps the variables at once; the function it returns keeps the files, again where they have changed. */
export function keepReachable({ env, secretEnv, secretDir, keep }: ReachableSources): () => Promise<void> {
  keep(Object.entries(env).flatMap(([name, value]) => (value && mayRead(name, secretEnv) ? [value] : [])));
  if (secretDir === undefined) return () => Promise.resolve();
  const seen = new Map<string, string>();
  const keepFile = async (path: string): Promise<void> => {
    const { mtimeMs, ctimeMs, size } = await stat(path);
    const version = `${mtimeMs} ${ctimeMs} ${size}`;
    if (seen.get(path) === version) return;
    const found = await readWhole(path);
    if ("value" in found) keep([found.value]);
    seen.set(path, version);
  };
  return async () => {
    const entries = await readdir(secretDir, { recursive: true }).catch(() => []);
    // A file that cannot be read here cannot be read by a reference either.
    await Promise.allSettled(entries.slice(0, MOST_FILES).map((entry) => keepFile(join(secretDir, entry))));
  };
}
