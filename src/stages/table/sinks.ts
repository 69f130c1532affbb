/** What a processor writes to. */
import {
  beside,
  boolean,
  byDefault,
  collection,
  computed,
  connection,
  data,
  durationUpTo,
  either,
  expected,
  expression,
  map,
  object,
  page,
  parallelism,
  path,
  pipeline,
  processorOnly,
  required,
  type Stage,
  stage,
  text,
  textOrExpression,
  whole,
  words,
} from "./shapes.ts";

/** What messages and files look like. */
const format = {
  outputFormat: words("relaxedJson canonicalJson basicJson", "relaxedJson"),
  dateFormat: words("default ISO8601", "default"),
};

const subjectNameStrategy = words("TopicNameStrategy RecordNameStrategy TopicRecordNameStrategy", "TopicNameStrategy");

const valueSchema = object(
  {
    type: required(words("avro")),
    schema: required(data),
    options: object({ autoRegisterSchemas: byDefault(boolean, "true"), subjectNameStrategy }, [
      { where: { autoRegisterSchemas: [false] }, excludes: ["subjectNameStrategy"] },
    ]),
  },
  [],
  { like: '{"type": "avro", "schema": {…}}' },
);

const kafka = beside({
  topic: required(textOrExpression),
  schemaRegistry: object({
    connectionName: required(connection({ SchemaRegistry: beside() })),
    valueSchema: required(either(valueSchema, computed)),
  }),
  config: object(
    {
      key: expression,
      keyFormat: words("binData string json int long double"),
      headers: expression,
      acks: either(words("all -1 0 1", "all"), whole(-1, 1)),
      compression_type: words("none gzip snappy lz4 zstd", "none"),
      tombstoneWhen: expression,
      ...format,
    },
    [{ where: { key: true }, needs: ["keyFormat"] }],
  ),
});

const timeseries = object(
  {
    timeField: required(path),
    metaField: path,
    granularity: words("seconds minutes hours"),
    bucketMaxSpanSeconds: whole(1),
    bucketRoundingSeconds: whole(1),
  },
  [
    { where: { granularity: true }, excludes: ["bucketMaxSpanSeconds", "bucketRoundingSeconds"], from: "manual" },
    { where: { bucketMaxSpanSeconds: true }, needs: ["bucketRoundingSeconds"], from: "manual" },
    { where: { bucketRoundingSeconds: true }, needs: ["bucketMaxSpanSeconds"], from: "manual" },
  ],
);

const timeSeries = beside(
  { db: required(textOrExpression), coll: required(textOrExpression), timeseries, parallelism },
  { where: { db: "an expression" }, needs: ["timeseries"] },
  { where: { coll: "an expression" }, needs: ["timeseries"] },
);

const kinesis = beside({
  stream: required(text),
  partitionKey: required(textOrExpression),
  region: text,
  config: object(format),
});

const pubSub = beside({
  projectId: required(text),
  topic: required(textOrExpression),
  region: expected(text),
  orderingKey: textOrExpression,
  attributes: map(textOrExpression),
  config: object(format),
});

/** How a stream is cut into the objects of a store. */
const objects = {
  partitionBy: expression,
  config: object(
    {
      writeOptions: object({
        count: whole(1),
        bytes: byDefault(whole(1), "32 MB"),
        interval: byDefault(durationUpTo({ ms: 604_800_000, words: "7 days", from: "page" }), "1 minute"),
      }),
      delimiter: byDefault(text, "a line break"),
      compression: words("none gzip snappy", "none"),
      // One copy of the page says it is text.
      compressionLevel: byDefault(either(whole(1, 9), text), "6"),
      ...format,
    },
    [
      {
        where: { compression: [undefined, "none", "snappy"] },
        excludes: ["compressionLevel"],
        from: "differing pages",
      },
    ],
  ),
};

const s3 = beside({
  bucket: required(textOrExpression),
  path: required(textOrExpression),
  region: text,
  parallelism,
  ...objects,
});

const azure = beside({
  // The page says that it is required, and the change log's example has none.
  container: text,
  path: required(textOrExpression),
  parallelism: byDefault(whole(1, 16), "1"),
  ...objects,
});

const emitted = {
  Kafka: kafka,
  Cluster: timeSeries,
  AWSKinesisDataStreams: kinesis,
  S3: s3,
  AzureBlobStorage: azure,
  GCPPubSub: pubSub,
};

const lakes = { S3: beside({ bucket: required(text), region: text }), AzureBlobStorage: beside({ container: text }) };

const partition = either(
  words("identity year month day hour"),
  object({ truncate: whole(1), bucket: whole(1) }, [], { like: '{"bucket": 16}' }),
);

const schema = { type: "record", name: "R", fields: [{ name: "a", type: "string" }] };

const others = { topic: "$emit writes to Kafka", bucket: "$emit writes to S3", timeseries: "$emit writes time series" };

export const sinks: readonly Stage[] = [
  stage(
    ["$merge", "sink", processorOnly],
    "Writes to a collection of a cluster",
    page("sp-agg-merge", "2026-07"),
    object(
      {
        into: required(collection(textOrExpression, { hints: others })),
        on: byDefault(either(path, { kind: "list", of: path, distinct: true }), "_id"),
        let: map(expression),
        whenMatched: either(words("merge replace keepExisting delete", "merge"), pipeline("collection"), computed),
        whenNotMatched: either(words("insert discard", "insert"), computed),
        parallelism,
      },
      [],
      { hints: others },
    ),
    { into: { connectionName: "cluster", db: "shop", coll: "orders" } },
    {
      into: { connectionName: "cluster", db: "fit", coll: { $concat: ["steps_", "$kind"] } },
      on: ["rid"],
      let: { v: "$steps" },
      whenMatched: [{ $addFields: { steps: { $add: ["$steps", "$$v"] } } }],
      whenNotMatched: "insert",
    },
  ),
  stage(
    ["$emit", "sink", processorOnly],
    "Writes to Kafka, Kinesis, S3, Azure Blob Storage, Pub/Sub, or a time series collection of a cluster",
    page("sp-agg-emit", "2026-07"),
    object({ connectionName: required(connection(emitted, [], ["kafka", "connectionName"])) }, [], {
      wrapped: "kafka",
      hints: { into: "$merge writes to a collection", on: "$merge takes it" },
    }),
    { connectionName: "kafka", topic: { $concat: ["out-", "$kind"] }, config: { key: "$id", keyFormat: "string" } },
    {
      connectionName: "kafka",
      topic: "out",
      schemaRegistry: { connectionName: "registry", valueSchema: { type: "avro", schema } },
    },
    { connectionName: "cluster", db: "iot", coll: "watts", timeseries: { timeField: "_ts", metaField: "device" } },
    { connectionName: "kinesis", stream: "out", partitionKey: "$device" },
    { connectionName: "lake", bucket: "b", path: { $concat: ["day/", "$kind"] }, config: { compression: "gzip" } },
    { connectionName: "blobs", container: "c", path: "day" },
    { connectionName: "pubsub", projectId: "p-1", topic: "out", region: "us-east1", attributes: { kind: "$kind" } },
  ),
  stage(
    ["$iceberg", "sink", processorOnly],
    "Writes to an Apache Iceberg table in S3 or Azure Blob Storage, from tier SP10 on",
    page("sp-agg-iceberg", "2026"),
    object({
      connectionName: required(connection(lakes)),
      // The page says that it is required, and two of its examples have none.
      databaseName: text,
      tableName: required(textOrExpression),
      path: required(text),
      mode: words("cdc insert", "cdc"),
      idFieldName: byDefault(path, "_id"),
      partitionedBy: { kind: "map", of: partition, filled: true },
      catalog: object({ type: required(words("hadoop glue")) }),
      schemaInference: object({ mode: words("json nested", "json") }),
      // On no page; an example of MongoDB's own has it.
      operationType: text,
    }),
    {
      connectionName: "lake",
      bucket: "b",
      databaseName: "shop",
      tableName: "orders",
      path: "w",
      catalog: { type: "glue" },
    },
  ),
];
