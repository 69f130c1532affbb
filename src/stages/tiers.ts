/**
 * What a pipeline needs of a tier.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/tier-guide/
 */
import { tierTable } from "../atlas/regions-and-tiers.ts";
import { isObject, type Path, valueAt } from "../json.ts";
import { type Remark, refusal } from "../schema/problems.ts";
import { numberOf } from "./kinds.ts";
import { isWindow } from "./table.ts";

type Tier = (typeof tierTable)[number];

/** What is known of the tiers around a processor. */
export interface Tiers {
  /** The processor's own, or the largest that it can scale to. */
  tier?: string | undefined;
  /** What it runs on where it has none of its own. */
  workspaceTier?: string | undefined;
  /** The largest that the workspace allows. */
  maxTier?: string | undefined;
}

/** Something that the larger tiers have more of. */
interface Need {
  path: Path;
  amount: number;
  /** What there is too much of, after the amount. */
  of: string;
  limitOf: (tier: Tier) => number;
}

/** The smallest tier on which a pipeline can run, or undefined where none is large enough. */
export const smallestTier = (pipeline: unknown): string | undefined =>
  tierTable.find((tier) => needsOf(pipeline, []).every((need) => fits(need, tier)))?.name;

const fits = ({ amount, limitOf }: Need, tier: Tier) => amount <= limitOf(tier);

/** Whether a processor whose pipeline `at` leads to can run on its tier, as far as the tiers are known. */
export function checkTiers(pipeline: unknown, at: Path, { tier, workspaceTier, maxTier }: Tiers): Remark[] {
  const rank = (name: string | undefined) => tierTable.findIndex((each) => each.name === name);
  const own = tierTable[rank(tier ?? workspaceTier)];
  const largest = rank(maxTier);
  const isOver = (name: string | undefined) => largest >= 0 && rank(name) > largest;
  const whose = tier === undefined ? ", the workspace's default," : "";
  const tooLarge = isOver(tier)
    ? [refusal([...at.slice(0, -1), "tier"], `can be at most ${maxTier}, the workspace's largest`)]
    : [];
  const found = needsOf(pipeline, at).flatMap((need) => {
    const { path, amount, of, limitOf } = need;
    const smallest = tierTable.find((each) => fits(need, each));
    if (!smallest)
      return [refusal(path, `${amount} ${of}; no tier allows more than ${Math.max(...tierTable.map(limitOf))}`)];
    const isTooSmall = own !== undefined && !fits(need, own);
    if (!isTooSmall && !isOver(smallest.name)) return [];
    const allowed = isTooSmall ? `; ${own.name}${whose} allows ${limitOf(own) || "none"}` : "";
    const beyond = isOver(smallest.name) ? `, but ${maxTier} is the workspace's largest` : "";
    return [refusal(path, `${amount} ${of}${allowed}. The smallest tier that fits is ${smallest.name}${beyond}`)];
  });
  return [...tooLarge, ...found];
}

function needsOf(pipeline: unknown, at: Path): Need[] {
  const needs: Need[] = [];
  const parallel: { path: Path; extra: number }[] = [];
  const look = (stages: unknown, within: Path): void => {
    for (const [index, item] of Array.isArray(stages) ? stages.entries() : [])
      for (const [name, value] of Object.entries(isObject(item) ? item : {})) {
        const path = (...steps: string[]) => [...within, `${index}`, name, ...steps];
        const isSource = name === "$source";
        const isSynced = isSource && valueAt(value, ["initialSync", "enable"]) !== false;
        const steps = isSource ? ["initialSync", "parallelism"] : ["parallelism"];
        const extra = isSource && !isSynced ? 0 : (numberOf(valueAt(value, steps)) ?? 1) - 1;
        if (extra > 0) parallel.push({ path: path(...steps), extra });
        const [collections, bytes] = [valueAt(value, ["coll"]), numberOf(valueAt(value, ["maxMemUsageBytes"]))];
        if (isSynced && isObject(valueAt(value, ["initialSync"])) && Array.isArray(collections))
          needs.push({ path: path("coll"), amount: collections.length, ...limits.collections });
        if (name === "$iceberg") needs.push({ path: path(), amount: 1, ...limits.iceberg });
        if (name === "$cachedLookup" && bytes !== undefined)
          needs.push({ path: path("maxMemUsageBytes"), amount: bytes, ...limits.cache });
        if (isWindow(name)) look(valueAt(value, ["pipeline"]), path("pipeline"));
      }
  };
  look(pipeline, at);
  const [largest] = parallel.toSorted((a, b) => b.extra - a.extra);
  const amount = parallel.reduce((sum, { extra }) => sum + extra, 0);
  return [...(largest ? [{ path: largest.path, amount, ...limits.parallelism }] : []), ...needs];
}

const limits = {
  parallelism: {
    of: "instances beyond the first of each stage, in all",
    limitOf: ({ parallelism }: Tier) => parallelism,
  },
  collections: { of: "collections with an initial sync", limitOf: ({ collections }: Tier) => collections },
  iceberg: { of: "$iceberg", limitOf: ({ iceberg }: Tier) => (iceberg ? 1 : 0) },
  /** An eighth of the memory, which the page counts in units of 1024. */
  cache: { of: "bytes", limitOf: ({ memory }: Tier) => ((memory / 1e9) * 2 ** 30) / 8 },
} as const;
