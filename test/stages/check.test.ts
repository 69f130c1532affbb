/** The check of a pipeline: valid ones pass, and each error is told where it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isObject, type Path, valueAt } from "../../src/json.ts";
import { checkDlq, checkPipeline } from "../../src/stages/check.ts";
import type { Connections } from "../../src/stages/check-connection.ts";
import { stages } from "../../src/stages/table.ts";
import { connections, validPipelines } from "./valid-pipelines.ts";

const at = ["pipeline"];
const source = { $source: { connectionName: "kafka", topic: "t" } };
const sink = { $merge: { into: { connectionName: "atlas", db: "d", coll: "c" } } };
const size = { size: 1, unit: "minute" };

const lines = (notes: { path: Path; message: string }[]) =>
  notes.map(({ path, message }) => [path.slice(1).join("."), message]);
const check = (pipeline: unknown, known: Connections | undefined = connections) => {
  const { problems, warnings } = checkPipeline(pipeline, at, { connections: known });
  return { problems: lines(problems), warnings: lines(warnings) };
};
/** A stage in the middle of a valid pipeline. */
const between = (stage: unknown) => check([source, stage, sink]);

describe("a valid pipeline", () => {
  test.each(validPipelines)("passes: $what", ({ pipeline }) => {
    expect(check(pipeline)).toEqual({ problems: [], warnings: [] });
    expect(checkPipeline(pipeline, at)).toEqual({ problems: [], warnings: [] });
  });

  test("is there for every stage that Atlas documents", () => {
    const text = JSON.stringify(validPipelines);
    expect(validPipelines.length).toBeGreaterThanOrEqual(25);
    expect(stages.map(({ name }) => name).filter((name) => !text.includes(`"${name}"`))).toEqual([]);
  });
});

describe("the form of a pipeline", () => {
  test.each([[{}], ["[]"], [null], [undefined], [5]])("%j is no list", (value) => {
    expect(checkPipeline(value, at)).toEqual({
      problems: [{ path: ["pipeline"], message: "must be a list of stages" }],
      warnings: [],
    });
  });

  test("an empty list has no source and no sink", () => {
    expect(checkPipeline([], at).problems).toEqual([
      { path: ["pipeline"], message: expect.stringContaining("must have stages") },
    ]);
  });

  test.each<[stage: unknown, message: RegExp]>([
    [5, /^must be an object with one key/],
    [null, /^must be an object with one key/],
    [[], /^must be an object with one key/],
    [{}, /it is empty$/],
    [{ $match: {}, $set: {} }, /it has 2, and each stage has an object of its own$/],
    [{ match: {} }, /"match" was given; did you mean \$match\?$/],
    [{ zzzzzzzz: {} }, /"zzzzzzzz" was given$/],
  ])("%j is no stage", (stage, message) => {
    expect(between(stage)).toEqual({ problems: [["1", expect.stringMatching(message)]], warnings: [] });
  });
});

describe("the order", () => {
  test.each<[what: string, pipeline: unknown[], path: string, message: RegExp]>([
    ["no source in front", [{ $match: {} }, sink], "0", /must be \$source/],
    ["an unknown stage in front", [{ $sorce: {} }, sink], "0", /must be \$source/],
    ["a second source", [source, source, sink], "1", /\$source can only be the first stage/],
    ["no sink at the end", [source, { $match: {} }], "1", /last stage, which must be a sink: one of \$https, /],
    ["a source alone", [source], "0", /last stage, which must be a sink/],
    ["a stage of MongoDB at the end", [source, { $out: "c" }], "1", /must be a sink/],
    ["a sink in the middle", [source, sink, { $match: {} }, sink], "1", /\$merge can only be the last stage/],
    [
      "two sinks",
      [source, { $emit: { connectionName: "kafka", topic: "t" } }, sink],
      "1",
      /\$emit can only be the last/,
    ],
    [
      "a group outside a window",
      [source, { $group: { _id: 1 } }, sink],
      "1",
      /\$group can only stand in the pipeline of a window/,
    ],
    ["a sort outside a window", [source, { $sort: { a: 1 } }, sink], "1", /\$sort can only stand in/],
    [
      "two windows",
      [
        source,
        { $tumblingWindow: { interval: size, pipeline: [] } },
        { $sessionWindow: { gap: size, partitionBy: "$a", pipeline: [] } },
        sink,
      ],
      "2",
      /second window/,
    ],
  ])("with %s is refused", (_, pipeline, path, message) => {
    expect(check(pipeline).problems).toEqual([[path, expect.stringMatching(message)]]);
  });

  test("with an unknown stage at the end is not refused, for Atlas gets new sinks", () => {
    expect(check([source, { $deltaLake: { connectionName: "lake" } }])).toEqual({
      problems: [],
      warnings: [["1", expect.stringContaining('"$deltaLake" is no stage that Atlas documents')]],
    });
  });
});

describe("a stage that streams do not have", () => {
  test.each([
    [{ $tumblngWindow: {} }, /"\$tumblngWindow" is no stage .*; did you mean \$tumblingWindow\?/],
    [{ $Match: {} }, /did you mean \$match\?/],
    [{ $zzzzzzzzzzzz: {} }, /is no stage that Atlas documents for streams$/],
    [{ $facet: {} }, /\$facet is no stage .*; use one processor for each facet/],
    [{ $indexStats: {} }, /^\$indexStats is no stage that Atlas documents for streams$/],
    [{ $unionWith: "c" }, /takes a list/],
  ])("%j is a warning", (stage, message) => {
    expect(between(stage)).toEqual({ problems: [], warnings: [["1", expect.stringMatching(message)]] });
  });
});

describe("a field that is needed", () => {
  test.each<[stage: Record<string, unknown>, path: string, message: RegExp]>([
    [{ $validate: {} }, "$validate.validator", /is required/],
    [{ $validate: 5 }, "$validate", /must be an object/],
    [{ $https: { as: "x" } }, "$https.connectionName", /is required/],
    [{ $externalFunction: { connectionName: "lambda", as: "x" } }, "$externalFunction.functionName", /is required/],
    [
      { $externalFunction: { connectionName: "lambda", functionName: "f" } },
      "$externalFunction.as",
      /is required.*or set execution to async/,
    ],
    [
      { $externalFunction: { connectionName: "lambda", functionName: "f", execution: "async", as: "x" } },
      "$externalFunction.as",
      /cannot be set/,
    ],
    [{ $lookup: { as: "x" } }, "$lookup", /needs from or pipeline/],
    [{ $lookup: { as: "x", from: "c" } }, "$lookup.from", /must be an object \{connectionName, db, coll\}/],
    [{ $lookup: { as: "x", from: { connectionName: "atlas", db: "d" } } }, "$lookup.from.coll", /is required/],
    [{ $lookup: { from: { connectionName: "atlas", db: "d", coll: "c" } } }, "$lookup.as", /is required/],
    [{ $lookup: { as: "x", from: { db: "d", coll: "c" } } }, "$lookup.from.connectionName", /is required/],
    [
      {
        $cachedLookup: {
          ttl: size,
          from: { connectionName: "atlas", db: "d", coll: "c" },
          localField: "a",
          foreignField: "b",
          as: "x",
          let: {},
        },
      },
      "$cachedLookup.let",
      /is no field of \$cachedLookup/,
    ],
    [{ $throttle: {} }, "$throttle", /needs bytesPerSec or messagesPerSec/],
    [{ $tumblingWindow: { interval: size } }, "$tumblingWindow.pipeline", /is required/],
    [{ $tumblingWindow: { pipeline: [] } }, "$tumblingWindow.interval", /is required, such as/],
    [{ $tumblingWindow: { interval: 5, pipeline: [] } }, "$tumblingWindow.interval", /must be an object such as/],
    [{ $tumblingWindow: { interval: { size: 5 }, pipeline: [] } }, "$tumblingWindow.interval.unit", /is required/],
    [
      { $tumblingWindow: { interval: { size: 0, unit: "ms" }, pipeline: [] } },
      "$tumblingWindow.interval.size",
      /whole number greater than 0/,
    ],
    [
      { $tumblingWindow: { interval: { size: "5", unit: "ms" }, pipeline: [] } },
      "$tumblingWindow.interval.size",
      /whole number greater than 0/,
    ],
    [{ $tumblingWindow: { interval: size, pipeline: {} } }, "$tumblingWindow.pipeline", /must be a list of stages/],
    [
      { $tumblingWindow: { boundary: "processingTime", interval: size, pipeline: [], allowedLateness: size } },
      "$tumblingWindow.allowedLateness",
      /cannot be set/,
    ],
    [{ $hoppingWindow: { interval: size, pipeline: [] } }, "$hoppingWindow.hopSize", /is required/],
    [{ $sessionWindow: { partitionBy: "$a", pipeline: [] } }, "$sessionWindow.gap", /is required/],
    [{ $sessionWindow: { gap: size, pipeline: [] } }, "$sessionWindow.partitionBy", /is required/],
  ])("%j is refused", (stage, path, message) => {
    expect(between(stage).problems).toEqual([[`1.${path}`, expect.stringMatching(message)]]);
  });

  test.each<[stage: Record<string, unknown>, path: string, message: RegExp]>([
    [{ $source: { connectionName: "kafka" } }, "$source.topic", /is required for a connection of type Kafka/],
    [{ $source: { connectionName: "kinesis" } }, "$source.stream", /of type AWSKinesisDataStreams/],
    [{ $source: {} }, "$source", /needs connectionName or documents/],
    [{ $source: "kafka" }, "$source", /must be an object/],
    [
      { $source: { connectionName: "kafka", topic: "t", documents: [] } },
      "$source.documents",
      /cannot be set where connectionName is set/,
    ],
  ])("of a source: %j", (stage, path, message) => {
    expect(check([stage, sink]).problems).toEqual([[`0.${path}`, expect.stringMatching(message)]]);
  });

  test.each<[stage: Record<string, unknown>, paths: string[]]>([
    [{ $merge: {} }, ["$merge.into"]],
    [{ $merge: { connectionName: "atlas", db: "d", coll: "c" } }, ["$merge.into"]],
    [{ $merge: { into: "c" } }, ["$merge.into"]],
    [{ $merge: { into: { connectionName: "atlas" } } }, ["$merge.into.db", "$merge.into.coll"]],
    [
      { $merge: { into: { db: "", coll: null } } },
      ["$merge.into.connectionName", "$merge.into.db", "$merge.into.coll"],
    ],
    [{ $emit: {} }, ["$emit.connectionName"]],
    [{ $emit: { connectionName: "kafka" } }, ["$emit.topic"]],
    [{ $emit: { connectionName: "atlas", timeseries: {} } }, ["$emit.db", "$emit.coll", "$emit.timeseries.timeField"]],
    [{ $emit: { connectionName: "lake" } }, ["$emit.bucket", "$emit.path"]],
    [{ $emit: { connectionName: "kinesis" } }, ["$emit.stream", "$emit.partitionKey"]],
    [
      { $emit: { connectionName: "kafka", topic: "t", schemaRegistry: {} } },
      ["$emit.schemaRegistry.connectionName", "$emit.schemaRegistry.valueSchema"],
    ],
    [
      { $iceberg: { connectionName: "lake", databaseName: "d" } },
      ["$iceberg.bucket", "$iceberg.tableName", "$iceberg.path"],
    ],
  ])("of a sink: %j", (stage, paths) => {
    expect(check([source, stage]).problems.map(([path]) => path)).toEqual(paths.map((path) => `1.${path}`));
  });
});

describe("what is only uncertain", () => {
  test.each<[stage: Record<string, unknown>, path: string, message: RegExp]>([
    [{ $https: { connectionName: "weather-api" } }, "$https.as", /is left out/],
    [{ $validate: { validator: {}, validationAction: "error" } }, "$validate.validationAction", /discard or dlq/],
    [
      { $tumblingWindow: { interval: { size: 1, unit: "week" }, pipeline: [] } },
      "$tumblingWindow.interval.unit",
      /one of ms, second/,
    ],
    [
      { $lookup: { connectionName: "atlas", from: { db: "d", coll: "c" }, as: "x" } },
      "$lookup.connectionName",
      /is documented at from\.connectionName/,
    ],
    [
      { $https: { connectionName: "weather-api", as: "x", payload: [{ $match: {} }] } },
      "$https.payload.0",
      /\$match is not documented for a payload/,
    ],
  ])("%j is a warning", (stage, path, message) => {
    expect(between(stage)).toEqual({ problems: [], warnings: [[`1.${path}`, expect.stringMatching(message)]] });
  });

  test("is a sink that an example of MongoDB writes with its fields one level down", () => {
    const told = { problems: [], warnings: [["1.$emit.kafka.connectionName", expect.any(String)]] };
    expect(check([source, { $emit: { kafka: { connectionName: "kafka", topic: "t" } } }])).toEqual(told);
  });

  test.each<[stage: Record<string, unknown>]>([
    [{ $emit: { connectionName: "atlas", db: "d", coll: "c" } }],
    [{ $iceberg: { connectionName: "lake", bucket: "b", tableName: "t", path: "p" } }],
    [{ $iceberg: { connectionName: "blobs", container: "c", tableName: "t", path: "p" } }],
    [{ $externalFunction: { connectionName: "lambda", functionName: "f" } }],
  ])("is not %j, which examples of MongoDB end with", (stage) => {
    expect(check([source, stage])).toEqual({ problems: [], warnings: [] });
  });
});

describe("inside a window", () => {
  const window = (stage: unknown) =>
    between({ $tumblingWindow: { interval: size, pipeline: [{ $match: {} }, stage] } });
  const inside = "1.$tumblingWindow.pipeline.1";

  test.each([
    [source],
    [sink],
    [{ $emit: { connectionName: "kafka", topic: "t" } }],
    [{ $throttle: { messagesPerSec: 1 } }],
    [{ $hoppingWindow: { interval: size, hopSize: size, pipeline: [] } }],
  ])("%j cannot stand", (stage) => {
    expect(window(stage).problems).toEqual([
      [inside, expect.stringContaining("cannot stand in the pipeline of a window")],
    ]);
  });

  test("a stage is checked as outside", () => {
    expect(window({ $https: { as: "x" } }).problems).toEqual([[`${inside}.$https.connectionName`, "is required"]]);
    expect(window({ $grup: {} }).warnings).toEqual([[inside, expect.stringContaining("did you mean $group?")]]);
    expect(window(5).problems).toEqual([[inside, expect.stringContaining("must be an object")]]);
  });

  test("a stage of which the documentation says nothing is a warning", () => {
    expect(window({ $setStreamMeta: { "stream.a": 1 } })).toEqual({
      problems: [],
      warnings: [[inside, "$setStreamMeta is not documented for the pipeline of a window"]],
    });
  });
});

describe("a connection", () => {
  const reads = (name: unknown, known: Connections = connections) =>
    check([{ $source: { connectionName: name, topic: "t" } }, sink], known);
  const place = "0.$source.connectionName";
  const withState = (state: string): Connections => new Map([...connections, ["kafka", { type: "Kafka", state }]]);

  test("that is not there is refused with the nearest name and the names that there are", () => {
    const known: Connections = new Map([
      ["atlas", { type: "Cluster" }],
      ["orders-kafka", { type: "Kafka" }],
    ]);
    expect(reads("order-kafka", known).problems).toEqual([
      [
        place,
        'names no connection of the workspace: "order-kafka"; did you mean "orders-kafka"? There are: atlas, orders-kafka',
      ],
    ]);
  });

  test("that is not there in an empty workspace is refused", () => {
    expect(reads("kafka", new Map()).problems[0]).toEqual([place, expect.stringMatching(/there is none at all$/)]);
  });

  test("is told among at most 20 names", () => {
    const many: Connections = new Map(
      Array.from({ length: 25 }, (_, index) => [`k${index}`, { type: "Kafka", state: "READY" }]),
    );
    expect(reads("zzzzzz", many).problems[0]?.[1]).toMatch(/k18, k19 and 5 more$/);
  });

  test.each([
    ["FAILED", /FAILED/],
    ["PENDING", /is not READY yet: it is PENDING/],
    ["DELETING", /in state DELETING: a processor that uses it will not run/],
  ])("that is %s is a warning", (state, message) => {
    expect(reads("kafka", withState(state))).toEqual({
      problems: [],
      warnings: [[place, expect.stringMatching(message)]],
    });
  });

  test("of a type that cannot stand there is refused with those that can", () => {
    expect(reads("weather-api").problems).toEqual([
      [
        place,
        "is a connection of type Https; Kafka, Cluster, AWSKinesisDataStreams and Sample can stand here. $https takes it",
      ],
    ]);
    expect(check([source, { $merge: { into: { connectionName: "kafka", db: "d", coll: "c" } } }]).problems).toEqual([
      [
        "1.$merge.into.connectionName",
        "is a connection of type Kafka; only Cluster can stand here. $emit writes to Kafka",
      ],
    ]);
  });

  test("of a type that Atlas may come to take there is a warning", () => {
    expect(reads("pubsub")).toEqual({ problems: [], warnings: [[place, expect.stringContaining("GCPPubSub")]] });
  });

  test("of a type that this server does not know is left to Atlas", () => {
    const known: Connections = new Map([...connections, ["new", { type: "Pulsar", state: "READY" }]]);
    expect(reads("new", known)).toEqual({ problems: [], warnings: [] });
  });

  test("must be named by text", () => {
    expect(reads(5).problems).toEqual([[place, "must be the name of a connection"]]);
  });

  test("is not looked at where connections are not known", () => {
    expect(checkPipeline([{ $source: { connectionName: "none" } }, sink], at)).toEqual({ problems: [], warnings: [] });
  });

  test("has its name masked", () => {
    const mask = (text: string) => text.replaceAll("hunter2", "***");
    const pipeline = [{ $source: { connectionName: "hunter2" } }, { $hunter2: {} }, { hunter2: {} }, sink];
    expect(JSON.stringify(checkPipeline(pipeline, at, { connections, mask }))).not.toContain("hunter2");
  });
});

describe("a dead letter queue", () => {
  const dlq = { connectionName: "atlas", db: "d", coll: "c" };
  const checkQueue = (value: unknown, known: Connections | undefined = connections) => {
    const { problems, warnings } = checkDlq(value, ["dlq"], { connections: known });
    return {
      problems: problems.map(({ path }) => path.join(".")),
      warnings: warnings.map(({ path }) => path.join(".")),
    };
  };

  test("of a cluster passes, also where connections are not known", () => {
    expect(checkQueue(dlq)).toEqual({ problems: [], warnings: [] });
    expect(checkDlq(dlq, ["dlq"])).toEqual({ problems: [], warnings: [] });
  });

  test.each<[value: unknown, paths: string[]]>([
    ["atlas", ["dlq"]],
    [{}, ["dlq.connectionName", "dlq.db", "dlq.coll"]],
    [{ ...dlq, coll: "" }, ["dlq.coll"]],
    [{ ...dlq, connectionName: "kafka" }, ["dlq.connectionName"]],
    [{ ...dlq, connectionName: "atlass" }, ["dlq.connectionName"]],
  ])("%j is refused", (value, paths) => {
    expect(checkQueue(value)).toEqual({ problems: paths, warnings: [] });
  });

  test("on a connection that failed is a warning", () => {
    const failed: Connections = new Map([["atlas", { type: "Cluster", state: "FAILED" }]]);
    expect(checkQueue(dlq, failed)).toEqual({ problems: [], warnings: ["dlq.connectionName"] });
  });
});

describe("any value", () => {
  const names = [...stages.map(({ name }) => name), "$out", "$nobody", "match"];
  const keys = fc.constantFrom(
    ...["connectionName", "into", "from", "db", "coll", "pipeline", "interval", "size", "unit", "gap", "payload"],
    ...["topic", "documents", "as", "schemaRegistry", "kafka", "validator", "__proto__", "boundary", "execution"],
  );
  const { value } = fc.letrec<{ value: unknown; stage: unknown; body: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom(...connections.keys(), "", "processingTime", "async"),
      tie("body"),
      fc.array(tie("stage"), { maxLength: 4 }),
    ),
    body: fc.dictionary(keys, tie("value"), { maxKeys: 5 }),
    stage: fc.oneof(
      fc.dictionary(fc.constantFrom(...names), fc.oneof(tie("body"), tie("value")), { minKeys: 1, maxKeys: 2 }),
      fc.jsonValue({ maxDepth: 1 }),
    ),
  }));
  const pipelines = fc.oneof(fc.jsonValue(), value, fc.array(value, { maxLength: 5 }));

  const leadsSomewhere = (given: unknown, path: Path) => {
    if (valueAt(given, path) !== undefined) return true;
    const holder = valueAt(given, path.slice(0, -1));
    return isObject(holder) || Array.isArray(holder);
  };

  test("never throws, and every path leads to what is there or is missing directly from it", () => {
    const property = fc.property(pipelines, fc.boolean(), (pipeline, isKnown) => {
      const { problems, warnings } = checkPipeline(pipeline, at, isKnown ? { connections } : {});
      for (const { path, message } of [...problems, ...warnings]) {
        expect(path[0]).toBe("pipeline");
        expect(message).toMatch(/\w/);
        expect([path, leadsSomewhere({ pipeline }, path)]).toEqual([path, true]);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test("as a dead letter queue never throws", () => {
    fc.assert(
      fc.property(value, (dlq) => {
        for (const { path } of checkDlq(dlq, ["dlq"], { connections }).problems)
          expect(leadsSomewhere({ dlq }, path)).toBe(true);
      }),
    );
  });

  test("is left as it is", () => {
    fc.assert(
      fc.property(value, (pipeline) => {
        const before = JSON.stringify(pipeline);
        checkPipeline(pipeline, at, { connections });
        expect(JSON.stringify(pipeline)).toBe(before);
      }),
    );
  });
});
