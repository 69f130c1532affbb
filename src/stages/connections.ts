/** Which connections a pipeline uses. The pipeline may be anything: Atlas shows what others have made. */
import { isObject, type Path, valueAt } from "../json.ts";
import { isSink, stageNamed } from "./table.ts";

/** Names of connections, each once, in the order of the pipeline. */
export interface UsedConnections {
  sources: string[];
  sinks: string[];
  /** Those of enrichment and of schema registries. */
  others: string[];
}

/** Where a stage that is not known is likely to name one. */
const LIKELY: readonly Path[] = [["connectionName"], ["into", "connectionName"], ["from", "connectionName"]];

export function connectionsIn(pipeline: unknown): UsedConnections {
  const used = { sources: new Set<string>(), sinks: new Set<string>(), others: new Set<string>() };
  const items: readonly unknown[] = Array.isArray(pipeline) ? pipeline : [];
  for (const [index, item] of items.entries()) {
    for (const { name, isMain } of namesIn(item))
      used[isMain ? roleOf(item, index === items.length - 1) : "others"].add(name);
  }
  return { sources: [...used.sources], sinks: [...used.sinks], others: [...used.others] };
}

function roleOf(item: unknown, isLast: boolean): keyof UsedConnections {
  const name = isObject(item) ? Object.keys(item)[0] : undefined;
  const stage = name === undefined ? undefined : stageNamed(name);
  if (stage?.place === "source") return "sources";
  if (stage?.place === "sink") return "sinks";
  return isLast && (stage === undefined || isSink(stage)) ? "sinks" : "others";
}

/** The names in a stage; the main one says what the stage reads or writes. */
function namesIn(item: unknown): { name: string; isMain: boolean }[] {
  if (!isObject(item)) return [];
  return Object.entries(item).flatMap(([name, value]) => {
    const stage = stageNamed(name);
    const places = stage
      ? (stage.connections ?? []).map(({ at, alsoAt }) => [at, ...(alsoAt ? [alsoAt] : [])])
      : [LIKELY];
    const own = places.flatMap((paths, index) =>
      paths.flatMap((path) => textAt(value, path).map((found) => ({ name: found, isMain: index === 0 }))),
    );
    const inner = stage?.durations && stage.pipeline ? valueAt(value, [stage.pipeline.field]) : undefined;
    const items: readonly unknown[] = Array.isArray(inner) ? inner : [];
    const nested = items.filter((each) => !isWindow(each)).flatMap((each) => namesIn(each));
    return [...own, ...nested.map((each) => ({ ...each, isMain: false }))];
  });
}

/** A window in a window is refused anyway, and going into it could go on without end. */
const isWindow = (item: unknown): boolean =>
  isObject(item) && Object.keys(item).some((name) => stageNamed(name)?.durations !== undefined);

function textAt(value: unknown, path: Path): string[] {
  const found = valueAt(value, path);
  return typeof found === "string" && found !== "" ? [found] : [];
}
