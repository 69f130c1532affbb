/**
 * Pipelines that Atlas takes, after its documentation and the examples of mongodb/ASP_example, and the connections that
 * they use.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/stream-aggregation-stages/
 */
import type { Connections } from "../../src/stages/check-connection.ts";

const READY = "READY";

export const connections: Connections = new Map([
  ["kafka", { type: "Kafka", state: READY }],
  ["kafka-out", { type: "Kafka", state: READY }],
  ["atlas", { type: "Cluster", state: READY }],
  ["archive", { type: "Cluster", state: READY }],
  ["sample_stream_solar", { type: "Sample", state: READY }],
  ["weather-api", { type: "Https", state: READY }],
  ["lambda", { type: "AWSLambda", state: READY }],
  ["lake", { type: "S3", state: READY }],
  ["blobs", { type: "AzureBlobStorage", state: READY }],
  ["pubsub", { type: "GCPPubSub", state: READY }],
  ["kinesis", { type: "AWSKinesisDataStreams", state: READY }],
  ["registry", { type: "SchemaRegistry", state: READY }],
]);

const fromKafka = { $source: { connectionName: "kafka", topic: "orders" } };
const fromSolar = { $source: { connectionName: "sample_stream_solar" } };
const toCluster = { $merge: { into: { connectionName: "atlas", db: "shop", coll: "orders" } } };
const minute = { size: 1, unit: "minute" };

interface Valid {
  what: string;
  pipeline: Record<string, unknown>[];
  uses: { sources: string[]; sinks: string[]; others: string[] };
}

const uses = (sources: string[], sinks: string[], others: string[] = []) => ({ sources, sinks, others });

export const validPipelines: Valid[] = [
  { what: "Kafka to a cluster", pipeline: [fromKafka, toCluster], uses: uses(["kafka"], ["atlas"]) },
  {
    what: "several topics to collections named by the documents",
    pipeline: [
      { $source: { connectionName: "kafka", topic: ["a", "b"], config: { auto_offset_reset: "earliest" } } },
      { $merge: { into: { connectionName: "atlas", db: "$customerStatus", coll: { $meta: "stream.source.topic" } } } },
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "solar data in tumbling windows to a cluster",
    pipeline: [
      fromSolar,
      {
        $tumblingWindow: {
          interval: { size: 10, unit: "second" },
          pipeline: [
            { $group: { _id: "$device_id", max: { $max: "$obs.watts" } } },
            { $sort: { max: -1 } },
            { $limit: 5 },
          ],
        },
      },
      toCluster,
    ],
    uses: uses(["sample_stream_solar"], ["atlas"]),
  },
  {
    what: "a tumbling window without patience",
    pipeline: [
      fromKafka,
      {
        $tumblingWindow: {
          boundary: "eventTime",
          interval: { size: { $numberInt: "30" }, unit: "second" },
          pipeline: [],
          idleTimeout: 0,
          allowedLateness: 0,
        },
      },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "a window by the processor's clock",
    pipeline: [
      fromKafka,
      { $tumblingWindow: { boundary: "processingTime", interval: minute, pipeline: [{ $count: "n" }] } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "a hopping window",
    pipeline: [
      { $source: { connectionName: "kafka", topic: "my_weatherdata", timeField: { $toDate: "$ts" } } },
      {
        $hoppingWindow: {
          interval: { size: 100, unit: "second" },
          hopSize: { size: 20, unit: "second" },
          pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, avg: { $avg: "$depth" } } }],
        },
      },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "a session window with enrichment inside",
    pipeline: [
      fromKafka,
      {
        $sessionWindow: {
          partitionBy: "$userId",
          gap: { size: 5, unit: "minute" },
          allowedLateness: { size: 5, unit: "second" },
          pipeline: [
            { $match: { ad: true } },
            { $group: { _id: null, total: { $sum: "$value" } } },
            {
              $lookup: {
                from: { connectionName: "archive", db: "d", coll: "c" },
                localField: "a",
                foreignField: "b",
                as: "x",
              },
            },
            { $https: { connectionName: "weather-api", path: "forecast", as: "forecast" } },
          ],
        },
      },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["archive", "weather-api"]),
  },
  {
    what: "a collection's change stream to Kafka",
    pipeline: [
      {
        $source: {
          connectionName: "atlas",
          db: "shop",
          coll: "orders",
          config: { fullDocument: "updateLookup", pipeline: [{ $match: { operationType: "insert" } }] },
        },
      },
      { $emit: { connectionName: "kafka-out", topic: "orders", config: { key: "$_id", keyFormat: "string" } } },
    ],
    uses: uses(["atlas"], ["kafka-out"]),
  },
  {
    what: "a whole cluster's change stream",
    pipeline: [{ $source: { connectionName: "atlas" } }, toCluster],
    uses: uses(["atlas"], ["atlas"]),
  },
  {
    what: "several collections with an initial sync to Iceberg",
    pipeline: [
      { $source: { connectionName: "atlas", db: "db", coll: ["a", "b"], initialSync: { enable: true } } },
      { $match: { operationType: { $in: ["insert", "update"] } } },
      { $replaceRoot: { newRoot: "$fullDocument" } },
      {
        $iceberg: {
          connectionName: "lake",
          bucket: "warehouse",
          databaseName: "shop",
          tableName: { $meta: "stream.source.ns.coll" },
          path: "iceberg/",
          mode: "insert",
        },
      },
    ],
    uses: uses(["atlas"], ["lake"]),
  },
  {
    what: "a topic chosen by the document",
    pipeline: [
      { $source: { documents: [{ name: "Joe" }], timeField: { $dateFromString: { dateString: "$time" } } } },
      { $addFields: { topic: ["topic_1", "topic_2"] } },
      { $unwind: "$topic" },
      { $emit: { connectionName: "kafka", topic: "$topic" } },
    ],
    uses: uses([], ["kafka"]),
  },
  {
    what: "documents from an expression",
    pipeline: [{ $source: { documents: { $range: [0, 5] } } }, toCluster],
    uses: uses([], ["atlas"]),
  },
  {
    what: "enrichment over HTTPS",
    pipeline: [
      fromKafka,
      {
        $https: {
          connectionName: "weather-api",
          path: { $concat: ["/users/", "$userId"] },
          method: "POST",
          as: "user",
          onError: "dlq",
          payload: [{ $replaceRoot: { newRoot: "$fullDocument" } }, { $addFields: { a: 1 } }, { $project: { a: 1 } }],
        },
      },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["weather-api"]),
  },
  {
    what: "a webhook at the end",
    pipeline: [fromKafka, { $https: { connectionName: "weather-api", method: "POST", path: "/events" } }],
    uses: uses(["kafka"], ["weather-api"]),
  },
  {
    what: "a Lambda function that is waited for",
    pipeline: [
      fromKafka,
      { $externalFunction: { connectionName: "lambda", functionName: "score", execution: "sync", as: "score" } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["lambda"]),
  },
  {
    what: "a Lambda function at the end",
    pipeline: [
      fromKafka,
      { $externalFunction: { connectionName: "lambda", functionName: "notify", execution: "async", onError: "fail" } },
    ],
    uses: uses(["kafka"], ["lambda"]),
  },
  {
    what: "a bucket of S3",
    pipeline: [
      fromKafka,
      {
        $emit: {
          connectionName: "lake",
          bucket: "b",
          path: { $concat: ["data/", "$day"] },
          config: { delimiter: "," },
        },
      },
    ],
    uses: uses(["kafka"], ["lake"]),
  },
  {
    what: "Azure Blob Storage",
    pipeline: [fromKafka, { $emit: { connectionName: "blobs", container: "c", path: "data/" } }],
    uses: uses(["kafka"], ["blobs"]),
  },
  {
    what: "Pub/Sub",
    pipeline: [fromKafka, { $emit: { connectionName: "pubsub", projectId: "p", topic: "t", region: "us-east1" } }],
    uses: uses(["kafka"], ["pubsub"]),
  },
  {
    what: "from Kinesis to Kinesis",
    pipeline: [
      {
        $source: {
          connectionName: "kinesis",
          stream: "in",
          config: {
            consumerARN: "arn:aws:kinesis:us-east-1:123456789012:stream/in/consumer/c:1",
            initialPosition: "TRIM_HORIZON",
          },
        },
      },
      { $emit: { connectionName: "kinesis", stream: "out", partitionKey: "$device_id" } },
    ],
    uses: uses(["kinesis"], ["kinesis"]),
  },
  {
    what: "a time series collection",
    pipeline: [
      fromSolar,
      { $emit: { connectionName: "atlas", db: "iot", coll: "watts", timeseries: { timeField: "ts" } } },
    ],
    uses: uses(["sample_stream_solar"], ["atlas"]),
  },
  {
    what: "a join with a collection",
    pipeline: [
      fromKafka,
      {
        $lookup: {
          from: { connectionName: "archive", db: "humidity", coll: "descriptions" },
          localField: "dewPoint.value",
          foreignField: "dewPoint",
          as: "info",
          parallelism: 2,
        },
      },
      { $match: { info: { $ne: [] } } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["archive"]),
  },
  {
    what: "a join whose pipeline joins again, and one without a collection",
    pipeline: [
      fromKafka,
      {
        $lookup: {
          from: { connectionName: "archive", db: "d", coll: "c" },
          let: { id: "$id" },
          pipeline: [{ $lookup: { from: "c2", as: "y", localField: "a", foreignField: "b" } }, { $group: { _id: 1 } }],
          as: "x",
        },
      },
      { $lookup: { pipeline: [{ $documents: [{ a: 1 }] }], as: "z" } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["archive"]),
  },
  {
    what: "a join that is remembered",
    pipeline: [
      fromKafka,
      {
        $cachedLookup: {
          ttl: { size: 5, unit: "minute" },
          maxMemUsageBytes: 209_715_200,
          from: { connectionName: "archive", db: "d", coll: "c" },
          localField: "a",
          foreignField: "b",
          as: "x",
        },
      },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"], ["archive"]),
  },
  {
    what: "a vector search",
    pipeline: [
      { $source: { connectionName: "atlas", db: "app", coll: "searches" } },
      {
        $vectorSearch: {
          from: { connectionName: "archive", db: "sample_mflix", coll: "embedded_movies" },
          as: "recommendations",
          query: { text: "$topic" },
          index: "plot_vector_index",
          path: "plot",
          numCandidates: 50,
          limit: 5,
          pipeline: [{ $rerank: { path: "plot" } }, { $limit: 8 }],
        },
      },
      toCluster,
    ],
    uses: uses(["atlas"], ["atlas"], ["archive"]),
  },
  {
    what: "Avro with a schema registry on both sides",
    pipeline: [
      { $source: { connectionName: "kafka", topic: "in", schemaRegistry: { connectionName: "registry" } } },
      {
        $emit: {
          connectionName: "kafka-out",
          topic: "out",
          schemaRegistry: { connectionName: "registry", valueSchema: { type: "avro", schema: { type: "record" } } },
        },
      },
    ],
    uses: uses(["kafka"], ["kafka-out"], ["registry"]),
  },
  {
    what: "validation with a dead letter queue",
    pipeline: [
      fromKafka,
      { $validate: { validator: { $jsonSchema: { required: ["id"] } }, validationAction: "dlq" } },
      { $validate: { validator: { $expr: { $ne: ["$name", "Pace Car"] } } } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "a limit on the speed, twice",
    pipeline: [
      fromKafka,
      { $throttle: { bytesPerSec: 5_242_880, messagesPerSec: 50 } },
      { $setStreamMeta: { "stream.coll": "$category" } },
      { $throttle: { messagesPerSec: 10 } },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "every plain stage",
    pipeline: [
      fromKafka,
      { $match: { a: 1 } },
      { $project: { connectionName: "nobody" } },
      { $addFields: { connectionName: "nobody" } },
      { $set: { b: { $function: { body: "function(x) { return x }", args: ["$a"], lang: "js" } } } },
      { $unset: ["a"] },
      { $replaceRoot: { newRoot: "$a" } },
      { $replaceWith: "$a" },
      { $redact: "$$KEEP" },
      { $unwind: "$items" },
      toCluster,
    ],
    uses: uses(["kafka"], ["atlas"]),
  },
  {
    what: "a replica between clusters that deletes too",
    pipeline: [
      { $source: { connectionName: "atlas", db: "db1" } },
      { $addFields: { "fullDocument._isDelete": { $eq: ["$operationType", "delete"] } } },
      {
        $merge: {
          into: { connectionName: "archive", db: "db1", coll: "coll1" },
          whenMatched: { $cond: ["$_isDelete", "delete", "replace"] },
          whenNotMatched: "discard",
          parallelism: 4,
        },
      },
    ],
    uses: uses(["atlas"], ["archive"]),
  },
];
