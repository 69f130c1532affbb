/**
 * The stages of Atlas Stream Processing, as data: where each can stand, what stands under its name, and its page. What is
 * certain by the documentation is kept apart from what is only likely, since a pipeline that Atlas would take must never be
 * refused.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/stream-aggregation-stages/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/limitations/
 */
import type { Path } from "../json.ts";
import { middle, ordinary } from "./table/middle.ts";
import {
  type Body,
  type ConnectionShape,
  collection,
  type Field,
  type Shape,
  type Stage,
  text,
} from "./table/shapes.ts";
import { sinks } from "./table/sinks.ts";
import { source } from "./table/source.ts";
import { inWindows, windows } from "./table/windows.ts";

/** Every documented stage, those of streams first. */
export const stages: readonly Stage[] = [source, ...middle, ...windows, ...sinks, ...ordinary, ...inWindows];

/** The dead letter queue of a processor. */
export const dlqShape = collection(text);

/** A sink that every workspace has without a connection: it writes to the processor's own log. */
export const LOG_SINK = "__testLog";

/**
 * Stages of MongoDB that Atlas does not list for streams, with what does their job here where something does. The list
 * of Atlas may be behind, so none of them is certainly wrong.
 */
export const notForStreams: Readonly<Record<string, string>> = {
  $out: "$merge writes to a collection",
  $facet: "use one processor for each facet",
  $unionWith: "a processor reads from one source; $source takes a list of topics or collections",
  $graphLookup: "$lookup joins a collection",
  $bucket: "$group in a window can use $switch",
  $bucketAuto: "$group in a window can use $switch",
  $sortByCount: "use $group and $sort in a window",
  $setWindowFields: "use a window: $tumblingWindow, $hoppingWindow or $sessionWindow",
  $skip: "$limit in a window keeps the first documents",
  $sample: "",
  $densify: "",
  $fill: "",
  $geoNear: "",
  $search: "",
  $searchMeta: "",
  $rankFusion: "",
  $rerank: "it can stand in the pipeline of $vectorSearch",
  $documents: "$source takes documents",
  $changeStream: "$source on a connection of type Cluster is a change stream",
  $changeStreamSplitLargeEvent: "",
  $collStats: "",
  $indexStats: "",
  $planCacheStats: "",
  $currentOp: "",
  $listSessions: "",
  $listLocalSessions: "",
  $listSampledQueries: "",
  $listSearchIndexes: "",
  $shardedDataDistribution: "",
  $queryStats: "",
};

const byName = new Map(stages.map((stage) => [stage.name, stage]));

/** The stage of that name, where it is one of streams. */
export const stageNamed = (name: string): Stage | undefined => byName.get(name);

/** Whether a processor can end with the stage. */
export const isSink = ({ place }: Stage): boolean => place === "sink" || place === "middle or sink";

/** The fields of an object, those that go with any type of its connection too. */
export const fieldsOf = ({ fields }: Body): [string, Field][] =>
  Object.entries(fields).flatMap(([name, field]): [string, Field][] => [
    [name, field],
    ...(field.kind === "connection" ? Object.values(field.types).flatMap(fieldsOf) : []),
  ]);

/** A place in a stage that names a connection, from the stage's value. */
export interface ConnectionPlace {
  at: Path;
  shape: ConnectionShape;
}

/** The places of a shape that name connections, each once; the first is what the stage itself reads, writes or calls. */
export function connectionPlaces(shape: Shape, at: Path = []): ConnectionPlace[] {
  if (shape.kind === "connection") {
    const inside = Object.values(shape.types).flatMap(({ fields }) => placesIn(fields, at.slice(0, -1)));
    return [{ at, shape }, ...inside];
  }
  return shape.kind === "object" ? placesIn(shape.fields, at) : [];
}

function placesIn(fields: Readonly<Record<string, Field>>, at: Path): ConnectionPlace[] {
  const found = Object.entries(fields).flatMap(([name, field]) => connectionPlaces(field, [...at, name]));
  return found.filter((place, index) => found.findIndex(({ at }) => at.join() === place.at.join()) === index);
}

/** The fields of a stage that hold a pipeline. */
export const pipelineFields = ({ value }: Stage): string[] =>
  value.kind === "object" ? Object.keys(value.fields).filter((name) => value.fields[name]?.kind === "pipeline") : [];

/** Whether the stage of that name collects documents in windows. */
export const isWindow = (name: string): boolean => windows.some((window) => window.name === name);
