/**
 * The values that references can reach, known for the life of the process: an agent that stores one in a field that is
 * shown must not read it there, in this call or in any later one.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { mayRead, readWhole } from "./references.ts";

interface Reach {
  env: Readonly<Record<string, string | undefined>>;
  secretEnv: readonly string[];
  secretDir?: string;
  /** Masks values from then on. */
  keep: (values: Iterable<string>) => void;
}

/** Files that are looked into, at most. */
const MOST_FILES = 1_000;

/** Keeps the variables at once; the function it gives keeps the files, again where they have changed. */
export function keepReachable({ env, secretEnv, secretDir, keep }: Reach): () => Promise<void> {
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
    // What cannot be read by this, cannot be by a reference.
    await Promise.allSettled(entries.slice(0, MOST_FILES).map((entry) => keepFile(join(secretDir, entry))));
  };
}
