/** What a processor reads. */
import {
  beside,
  boolean,
  byDefault,
  computed,
  connection,
  data,
  date,
  duration,
  either,
  expected,
  list,
  map,
  names,
  object,
  page,
  parallelism,
  path,
  processorOnly,
  required,
  type Stage,
  stage,
  text,
  time,
  whole,
  words,
} from "./shapes.ts";

const kafka = beside({
  topic: required(names),
  partitionIdleTimeout: duration,
  schemaRegistry: object({ connectionName: required(connection({ SchemaRegistry: beside() })) }),
  config: object({
    auto_offset_reset: words("latest end largest earliest beginning smallest", "latest"),
    group_id: text,
    enable_auto_commit: boolean,
    keyFormat: words("binData string json int long double", "binData"),
    keyFormatError: words("dlq passThrough"),
  }),
});

const changeStream = beside(
  {
    db: text,
    coll: names,
    initialSync: object({ enable: required(boolean), parallelism }),
    readPreference: words("primary primaryPreferred secondary secondaryPreferred nearest", "primary"),
    readPreferenceTags: list(map(text)),
    config: object(
      {
        startAfter: map(data),
        startAtOperationTime: date,
        fullDocument: words("default updateLookup required whenAvailable", "default"),
        fullDocumentOnly: byDefault(boolean, "false"),
        fullDocumentBeforeChange: words("off required whenAvailable", "off"),
        // Stages of a change stream, which run on the cluster.
        pipeline: list(map(data)),
        maxAwaitTimeMS: byDefault(whole(0), "1000"),
      },
      [
        { where: { startAfter: true }, excludes: ["startAtOperationTime"] },
        {
          where: { fullDocumentOnly: [true] },
          only: { fullDocument: ["updateLookup", "required"], fullDocumentBeforeChange: [undefined, "off"] },
          from: "planner",
        },
      ],
    ),
  },
  { where: { coll: true }, needs: ["db"] },
  { where: { initialSync: true }, needs: ["coll"], from: "planner" },
);

const kinesis = beside({
  stream: required(text),
  region: text,
  shardIdleTimeout: duration,
  config: expected(
    object(
      {
        consumerARN: expected(text),
        initialPosition: words("LATEST TRIM_HORIZON AT_TIMESTAMP AT_SEQUENCE_NUMBER AFTER_SEQUENCE_NUMBER", "LATEST"),
        atTimestamp: date,
        reshardDetectionIntervalSecs: byDefault(whole(1), "300"),
      },
      [{ where: { initialPosition: ["AT_TIMESTAMP"] }, needs: ["atTimestamp"] }],
    ),
  ),
});

const types = { Kafka: kafka, Cluster: changeStream, AWSKinesisDataStreams: kinesis, Sample: beside() };
const consumerARN = "arn:aws:kinesis:us-east-1:123456789012:stream/in/consumer/c:1";

export const source: Stage = stage(
  ["$source", "source", processorOnly],
  "Reads a stream: Kafka topics, a change stream of a cluster, Kinesis, sample data, or documents written in the pipeline",
  page("sp-agg-source", "2026-07"),
  object(
    {
      connectionName: connection(types, ["S3", "AzureBlobStorage", "GCPPubSub"]),
      documents: either(list(map(data)), computed),
      timeField: time,
      tsFieldName: byDefault(path, "_ts"),
      // An older name of `tsFieldName`.
      tsFieldOverride: path,
      streamMetaFieldName: path,
      // Of this no more is known than its name.
      schedule: data,
    },
    [{ needs: ["connectionName", "documents"] }, { where: { connectionName: true }, excludes: ["documents"] }],
  ),
  {
    connectionName: "kafka",
    topic: ["air", "rain"],
    timeField: { $dateFromString: { dateString: "$at" } },
    config: { auto_offset_reset: "earliest", keyFormat: "string" },
  },
  {
    connectionName: "cluster",
    db: "shop",
    coll: "orders",
    initialSync: { enable: true },
    config: { fullDocument: "required", fullDocumentOnly: true },
  },
  { connectionName: "kinesis", stream: "in", config: { consumerARN, initialPosition: "TRIM_HORIZON" } },
  { connectionName: "sample_stream_solar" },
  { documents: [{ town: "Ulm", dew: 6.2 }] },
);
