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
    const beyond = isOver(smallest.name) ? `, but ${maxTier} is the workspace's largest` : "";
    if (own && !fits(need, own)) {
      const limit = limitOf(own);
      const allowed = limit === 0 ? "none" : `${limit}`;
      return [
        refusal(
          path,
          `${amount} ${of}; ${own.name}${whose} allows ${allowed}. The smallest tier that fits is ${smallest.name}${beyond}`,
        ),
      ];
    }
    return beyond === ""
      ? []
      : [refusal(path, `${amount} ${of}. The smallest tier that fits is ${smallest.name}${beyond}`)];
  });
  return [...tooLarge, ...found];
}

function needsOf(pipeline: unknown, at: Path): Need[] {
  const stages = stagesIn(pipeline, at);
  const parallel = stages.flatMap(({ path, value, name }) => {
    const steps = name === "$source" ? ["initialSync", "parallelism"] : ["parallelism"];
    const isOff = name === "$source" && valueAt(value, ["initialSync", "enable"]) === false;
    const extra = isOff ? 0 : (numberOf(valueAt(value, steps)) ?? 1) - 1;
    return extra > 0 ? [{ path: [...path, ...steps], extra }] : [];
  });
  const [largest] = parallel.toSorted((a, b) => b.extra - a.extra);
  const sum = parallel.reduce((total, { extra }) => total + extra, 0);
  return [
    ...(largest
      ? [
          {
            path: largest.path,
            amount: sum,
            of: "instances beyond the first of each stage, in all",
            limitOf: (tier: Tier) => tier.parallelism,
          },
        ]
      : []),
    ...stages.flatMap(({ name, path, value }): Need[] => {
      if (name === "$iceberg")
        return [{ path, amount: 1, of: "$iceberg", limitOf: ({ iceberg }) => (iceberg ? 1 : 0) }];
      const collections = valueAt(value, ["coll"]);
      const isSynced = isObject(valueAt(value, ["initialSync"])) && valueAt(value, ["initialSync", "enable"]) !== false;
      if (name === "$source" && isSynced && Array.isArray(collections))
        return [
          {
            path: [...path, "coll"],
            amount: collections.length,
            of: "collections with an initial sync",
            limitOf: ({ collections }) => collections,
          },
        ];
      const bytes = numberOf(valueAt(value, ["maxMemUsageBytes"]));
      if (name !== "$cachedLookup" || bytes === undefined) return [];
      return [{ path: [...path, "maxMemUsageBytes"], amount: bytes, of: "bytes", limitOf: cacheOf }];
    }),
  ];
}

/** An eighth of the memory, which the page counts in units of 1024. */
const cacheOf = ({ memory }: Tier) => ((memory / 1e9) * 2 ** 30) / 8;

/** The stages of a pipeline and of the windows in it. */
function stagesIn(pipeline: unknown, at: Path): { name: string; value: unknown; path: Path }[] {
  const items: readonly unknown[] = Array.isArray(pipeline) ? pipeline : [];
  return items.flatMap((item, index) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([name, value]) => {
      const path = [...at, `${index}`, name];
      const inner = isWindow(name) ? stagesIn(valueAt(value, ["pipeline"]), [...path, "pipeline"]) : [];
      return [{ name, value, path }, ...inner];
    }),
  );
}
