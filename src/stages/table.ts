/**
 * The stages of Atlas Stream Processing: where each can stand, and what it needs. What is certain by the documentation
 * is kept apart from what is only likely, since a pipeline that Atlas would take must never be refused.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/stream-aggregation-stages/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/limitations/
 */
import type { connectionTypes } from "../connections/union.ts";
import type { Path } from "../json.ts";

export type ConnectionType = (typeof connectionTypes)[number]["type"];

/** A pipeline in which a stage stands: the processor's own, that of a window, or one that makes a request's body. */
export type Room = "processor" | "window" | "payload";

/** What the documentation says of a stage in a room; of `unsure` it says nothing, or no more than a blank in a table. */
export type Support = "yes" | "no" | "unsure";

/** Fields beside a `connectionName`. */
export interface TypeNeeds {
  /** Atlas refuses the stage without them. */
  needs?: readonly string[];
  /** Documented as required, and left out in examples of MongoDB's own. */
  expects?: readonly string[];
  /** Worth knowing. */
  optional?: readonly string[];
}

/** A place in a stage that names a connection. */
export interface ConnectionPlace {
  /** From the stage's value, such as `["into", "connectionName"]`. */
  at: Path;
  /** It may be left out, together with the first step of `at`. */
  optional?: true;
  /** Another place where examples of MongoDB's own have it. */
  alsoAt?: Path;
  /** Fields that are needed beside it whatever its type. */
  beside?: readonly string[];
  /** The types that can stand there, and what each needs. */
  types: Readonly<Partial<Record<ConnectionType, TypeNeeds>>>;
  /** Types that are not documented there, and whose data a later Atlas might take there. */
  doubtful?: readonly ConnectionType[];
}

export interface Stage {
  name: string;
  /** Where it stands in the processor's own pipeline. */
  place: "source" | "middle" | "sink" | "middle or sink";
  /** What it is for, in one line. */
  use: string;
  rooms: Readonly<Record<Room, Support>>;
  /** Fields that Atlas refuses it without; the value of such a stage is an object. */
  needs?: readonly string[];
  /** Fields that it may need. */
  expects?: readonly string[];
  /** Fields of which it needs one. */
  oneOf?: readonly string[];
  /** Fields that other stages of its kind have and it has not. */
  without?: readonly string[];
  connections?: readonly ConnectionPlace[];
  /** Lengths of time, `{size, unit}`, that a window needs. */
  durations?: readonly string[];
  /** The field that holds a pipeline, and what room that is; one for a `collection` runs on its cluster. */
  pipeline?: { field: string; room: Exclude<Room, "processor"> | "collection" };
  /** Its page in the documentation. */
  docs: string;
}

const page = (name: string) => `https://www.mongodb.com/docs/atlas/atlas-stream-processing/${name}/`;
const LIST = page("stream-aggregation-stages");

const anywhere = { processor: "yes", window: "yes", payload: "yes" } as const;
const exceptPayload = { processor: "yes", window: "yes", payload: "unsure" } as const;
const processorOnly = { processor: "yes", window: "no", payload: "no" } as const;
/** Documented for the processor's own pipeline; of windows there is only a blank. */
const processorAtLeast = { processor: "yes", window: "unsure", payload: "unsure" } as const;
const windowOnly = { processor: "no", window: "yes", payload: "unsure" } as const;

const schemaRegistry: ConnectionPlace = {
  at: ["schemaRegistry", "connectionName"],
  optional: true,
  types: { SchemaRegistry: {} },
};

const collection: ConnectionPlace = {
  at: ["from", "connectionName"],
  beside: ["db", "coll"],
  types: { Cluster: {} },
};

/** The dead letter queue of a processor. */
export const dlqConnection: ConnectionPlace = {
  at: ["connectionName"],
  beside: ["db", "coll"],
  types: { Cluster: {} },
};

/** A sink that every workspace has without a connection: it writes to the processor's own log. */
export const LOG_SINK = "__testLog";

/** A stage that MongoDB has too and that works the same here. */
const plain = (name: string, use: string, rooms: Stage["rooms"]): Stage => ({
  name,
  place: "middle",
  use,
  rooms,
  docs: LIST,
});

const own: readonly Stage[] = [
  {
    name: "$source",
    place: "source",
    use: "Reads a stream: Kafka topics, a change stream of a cluster, Kinesis, sample data, or documents written in the pipeline",
    rooms: processorOnly,
    oneOf: ["connectionName", "documents"],
    connections: [
      {
        at: ["connectionName"],
        optional: true,
        types: {
          Kafka: { needs: ["topic"] },
          Cluster: { optional: ["db", "coll"] },
          AWSKinesisDataStreams: { needs: ["stream"] },
          Sample: {},
        },
        doubtful: ["S3", "AzureBlobStorage", "GCPPubSub"],
      },
      schemaRegistry,
    ],
    docs: page("sp-agg-source"),
  },
  {
    name: "$validate",
    place: "middle",
    use: "Checks documents against a schema; what does not fit is discarded or goes to the dead letter queue",
    rooms: exceptPayload,
    needs: ["validator"],
    docs: page("sp-agg-validate"),
  },
  {
    name: "$https",
    place: "middle or sink",
    use: "Calls an HTTP API for each document, and may keep what it answers",
    rooms: exceptPayload,
    connections: [{ at: ["connectionName"], types: { Https: { optional: ["path", "method", "as"] } } }],
    pipeline: { field: "payload", room: "payload" },
    docs: page("sp-agg-https"),
  },
  {
    name: "$externalFunction",
    place: "middle or sink",
    use: "Calls an AWS Lambda function for each document, and may keep what it returns",
    rooms: exceptPayload,
    needs: ["functionName"],
    connections: [{ at: ["connectionName"], types: { AWSLambda: { optional: ["execution", "as"] } } }],
    pipeline: { field: "payload", room: "payload" },
    docs: page("sp-agg-externalFunction"),
  },
  {
    name: "$lookup",
    place: "middle",
    use: "Joins documents of a collection to each document",
    rooms: exceptPayload,
    needs: ["as"],
    oneOf: ["from", "pipeline"],
    connections: [{ ...collection, optional: true, alsoAt: ["connectionName"] }],
    pipeline: { field: "pipeline", room: "collection" },
    docs: page("sp-agg-lookup"),
  },
  {
    name: "$cachedLookup",
    place: "middle",
    use: "Joins documents of a collection that seldom changes, and caches them for a while",
    rooms: processorAtLeast,
    needs: ["ttl", "localField", "foreignField", "as"],
    without: ["let", "pipeline"],
    connections: [collection],
    docs: page("sp-agg-cachedlookup"),
  },
  {
    name: "$vectorSearch",
    place: "middle",
    use: "Adds the results of a vector search to each document",
    rooms: processorAtLeast,
    needs: ["as", "index", "path", "limit"],
    connections: [collection],
    pipeline: { field: "pipeline", room: "collection" },
    docs: page("sp-agg-vectorSearch"),
  },
  {
    name: "$tumblingWindow",
    place: "middle",
    use: "Collects documents in windows of one length that follow each other, and runs a pipeline on each window",
    rooms: processorOnly,
    needs: ["pipeline"],
    durations: ["interval"],
    pipeline: { field: "pipeline", room: "window" },
    docs: page("sp-agg-tumbling"),
  },
  {
    name: "$hoppingWindow",
    place: "middle",
    use: "Collects documents in windows that overlap, and runs a pipeline on each window",
    rooms: processorOnly,
    needs: ["pipeline"],
    durations: ["interval", "hopSize"],
    pipeline: { field: "pipeline", room: "window" },
    docs: page("sp-agg-hopping"),
  },
  {
    name: "$sessionWindow",
    place: "middle",
    use: "Collects documents of the same key until none comes for a while, and runs a pipeline on each session",
    rooms: processorOnly,
    needs: ["partitionBy", "pipeline"],
    durations: ["gap"],
    pipeline: { field: "pipeline", room: "window" },
    docs: page("sp-agg-session"),
  },
  {
    name: "$setStreamMeta",
    place: "middle",
    use: "Sets a document's metadata, such as for routing, without changing the document",
    rooms: processorAtLeast,
    docs: page("sp-agg-setStreamMeta"),
  },
  {
    name: "$throttle",
    place: "middle",
    use: "Limits how many bytes or messages pass in a second",
    rooms: processorOnly,
    oneOf: ["bytesPerSec", "messagesPerSec"],
    docs: page("sp-agg-throttle"),
  },
  {
    name: "$function",
    place: "middle",
    use: "Runs JavaScript; mostly used as an expression, such as in $addFields",
    rooms: processorAtLeast,
    docs: page("sp-agg-function"),
  },
  {
    name: "$merge",
    place: "sink",
    use: "Writes to a collection of a cluster",
    rooms: processorOnly,
    connections: [{ at: ["into", "connectionName"], beside: ["db", "coll"], types: { Cluster: {} } }],
    docs: page("sp-agg-merge"),
  },
  {
    name: "$emit",
    place: "sink",
    use: "Writes to Kafka, Kinesis, S3, Azure Blob Storage, Pub/Sub, or a time series collection of a cluster",
    rooms: processorOnly,
    connections: [
      {
        at: ["connectionName"],
        alsoAt: ["kafka", "connectionName"],
        types: {
          Kafka: { needs: ["topic"] },
          Cluster: { needs: ["db", "coll"], expects: ["timeseries"] },
          AWSKinesisDataStreams: { needs: ["stream"], optional: ["partitionKey", "region"] },
          S3: { needs: ["bucket", "path"], optional: ["region"] },
          AzureBlobStorage: { optional: ["path"] },
          GCPPubSub: {},
        },
      },
      schemaRegistry,
    ],
    docs: page("sp-agg-emit"),
  },
  {
    name: "$iceberg",
    place: "sink",
    use: "Writes to an Apache Iceberg table in S3",
    rooms: processorOnly,
    needs: ["bucket", "tableName", "path"],
    expects: ["databaseName"],
    connections: [{ at: ["connectionName"], types: { S3: { optional: ["region", "mode"] } } }],
    docs: page("sp-agg-iceberg"),
  },
];

/** Every documented stage, those of streams first. */
export const stages: readonly Stage[] = [
  ...own,
  plain("$match", "Lets through the documents that match a query", exceptPayload),
  plain("$project", "Keeps, leaves out or computes fields", anywhere),
  plain("$addFields", "Adds fields", anywhere),
  plain("$set", "Adds fields, like $addFields", anywhere),
  plain("$unset", "Removes fields", exceptPayload),
  plain("$replaceRoot", "Replaces each document with a value inside it", anywhere),
  plain("$replaceWith", "Replaces each document with a value inside it, like $replaceRoot", exceptPayload),
  plain("$redact", "Hides parts of a document, depending on what is in them", exceptPayload),
  plain("$unwind", "Makes a document of each item in a list", exceptPayload),
  plain("$group", "Groups the documents of a window and computes totals", windowOnly),
  plain("$sort", "Sorts the documents of a window", windowOnly),
  plain("$count", "Counts the documents of a window", windowOnly),
  plain("$limit", "Keeps the first documents of a window", windowOnly),
];

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
