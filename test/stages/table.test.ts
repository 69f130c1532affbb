/** The table of stages: what is drawn from it passes, what is dropped or misspelt is told, and rules hold across fields. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonObject, type Path, valueAt, withValueAt } from "../../src/json.ts";
import { type Context, checkPipeline } from "../../src/stages/check.ts";
import { exampleConnections } from "../../src/stages/reference.ts";
import type { Fields, ObjectShape, Shape, Stage } from "../../src/stages/table/shapes.ts";
import { isSink, stages } from "../../src/stages/table.ts";
import { smallestTier } from "../../src/stages/tiers.ts";
import { pipelineCases } from "../support/shared-atlas.ts";

const connections = exampleConnections;
const source = { $source: { connectionName: "kafka", topic: "t" } };
const sink = { $merge: { into: { connectionName: "cluster", db: "d", coll: "c" } } };
const minute = { size: 1, unit: "minute" };

/** What is said of a pipeline: each line its path and its message. */
const check = (pipeline: unknown, context: Context = {}) => {
  const { problems, warnings } = checkPipeline(pipeline, ["pipeline"], { connections, hasDlq: false, ...context });
  const line = ({ path, message }: { path: Path; message: string }) => `${path.slice(1).join(".")} ${message}`;
  return { problems: problems.map(line), warnings: warnings.map(line) };
};
const silence = { problems: [], warnings: [] };

/** A stage in a pipeline in which it can stand. */
function around({ name, rooms }: Pick<Stage, "name" | "rooms">, value: unknown, isLast = false): JsonObject[] {
  const stage = { [name]: value };
  if (name === "$source") return [stage, sink];
  if (rooms.processor === "no") return [source, { $tumblingWindow: { interval: minute, pipeline: [stage] } }, sink];
  return isLast ? [source, stage] : [source, stage, sink];
}

describe("an example of the table", () => {
  const examples = stages.flatMap((stage) => stage.examples.map((example) => ({ stage, name: stage.name, example })));

  test.each(examples)("passes: $name $example", ({ stage, example }) => {
    const pipeline = around(stage, example, stage.place === "sink");
    expect(check(pipeline)).toEqual(silence);
    expect(checkPipeline(pipeline, ["pipeline"])).toEqual(silence);
    if (isSink(stage)) expect(check(around(stage, example, true))).toEqual(silence);
  });

  test("is there for every stage, and for every type of connection that it reads or writes", () => {
    for (const { name, value, examples } of stages) {
      expect([name, examples.length]).not.toEqual([name, 0]);
      const place = value.kind === "object" ? value.fields["connectionName"] : undefined;
      const types = new Set(examples.map((each) => connections.get(String(valueAt(each, ["connectionName"])))?.type));
      // How a lake of Azure is named is on no page.
      if (place?.kind !== "connection" || name === "$iceberg") continue;
      expect([name, Object.keys(place.types).filter((type) => ![...types].some((each) => each === type))]).toEqual([
        name,
        [],
      ]);
    }
  });
});

describe.runIf(pipelineCases)("a pipeline that people publish", () => {
  test.each(pipelineCases ?? [])("$expect: $id", ({ connections, pipeline, dlq, tier, expect: outcome }) => {
    const known = new Map(connections.map(({ name, type }) => [name, { type, state: "READY" }]));
    const { problems, warnings } = check(pipeline, { connections: known, hasDlq: dlq !== undefined, tiers: { tier } });
    if (outcome === "passes") expect({ problems, warnings }).toEqual(silence);
    if (outcome === "told") expect([...problems, ...warnings]).not.toEqual([]);
    if (outcome === "refused") expect(problems).not.toEqual([]);
  });
});

describe("a stage that is drawn from the table", () => {
  const word = fc.constantFrom("a", "b", "orders", "x1");
  const namesOf = (types: object) =>
    [...connections].filter(([, { type }]) => Object.hasOwn(types, type)).map(([name]) => name);

  /** Values that the documentation allows for a shape. */
  function drawn(shape: Shape): fc.Arbitrary<unknown> {
    switch (shape.kind) {
      case "text":
        return shape.values ? fc.constantFrom(...shape.values) : word;
      case "number":
        return fc.integer({ min: Math.max(shape.least ?? 1, 0), max: Math.min(shape.most ?? 9, 9) });
      case "boolean":
        return fc.boolean();
      case "date":
        return fc.constant({ $date: "2026-01-01T00:00:00Z" });
      case "path":
        return fc.constantFrom("a", "b.c");
      case "reference":
        return fc.constantFrom("$a", "$b.c");
      case "expression":
        return shape.usual ? fc.constantFrom(...shape.usual.map((name) => ({ [name]: "$a" }))) : expressions;
      case "computed":
        return fc.constantFrom("$a", { $concat: ["$a", "b"] });
      case "query":
        return fc.constantFrom({}, { a: 1 }, { $expr: { $gt: ["$a", 1] } });
      case "data":
        return fc.constantFrom(1, "a", { a: [1] });
      case "list":
        return fc.uniqueArray(drawn(shape.of), {
          minLength: 1,
          maxLength: 3,
          selector: (each) => JSON.stringify(each),
        });
      case "map":
        return fc.dictionary(
          word.map((name) => (shape.start ?? "") + name),
          drawn(shape.of),
          { minKeys: 1, maxKeys: 2 },
        );
      case "pipeline":
        return fc.constantFrom<unknown[]>([{ $set: { a: 1 } }]);
      case "either":
        return fc.oneof(...shape.shapes.map(drawn));
      case "object":
        return shape.longest ? fc.constant(minute) : objects(shape);
      default:
        return fc.constant(undefined);
    }
  }

  const expressions: fc.Arbitrary<unknown> = fc.constantFrom(
    "$a",
    "$$ROOT",
    { $meta: "stream.source.topic" },
    { $add: ["$a", 1] },
  );

  /** Objects with the fields that are needed, and some of the others. */
  function objects({ fields, rules = [] }: ObjectShape): fc.Arbitrary<JsonObject> {
    const place = Object.entries(fields).find(([, field]) => field.kind === "connection");
    if (place?.[1].kind !== "connection") return records(fields).filter((value) => isAllowed(rules, value));
    const [name, { types }] = place;
    const others = Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name && each !== "documents"));
    return fc.oneof(
      ...namesOf(types).map((connectionName) => {
        const body = Object.entries(types).find(([type]) => connections.get(connectionName)?.type === type)?.[1];
        return records({ ...others, ...body?.fields })
          .map((value): JsonObject => ({ [name]: connectionName, ...value }))
          .filter((value) => isAllowed([...rules, ...(body?.rules ?? [])], value));
      }),
    );
  }

  const records = (fields: Fields) => {
    const names = Object.keys(fields).filter((name) => fields[name]?.kind !== "elsewhere");
    const requiredKeys = names.filter((name) => fields[name]?.need);
    const arbitraries = names.map((name): [string, fc.Arbitrary<unknown>] => [
      name,
      drawn(fields[name] ?? { kind: "data" }),
    ]);
    return fc.record<JsonObject>(Object.fromEntries(arbitraries), { requiredKeys });
  };

  /** The rules are tested one by one; here a draw against them is drawn again. */
  const isAllowed = (rules: NonNullable<ObjectShape["rules"]>, value: JsonObject) =>
    check([{ $source: { documents: [] } }, sink]).problems.length === 0 &&
    rules.every((rule) => !isBroken(rule, value));

  function isBroken(rule: NonNullable<ObjectShape["rules"]>[number], value: JsonObject): boolean {
    const is = (name: string, allowed: unknown) =>
      allowed === true
        ? name in value
        : allowed === "an expression"
          ? typeof value[name] === "object" || String(value[name]).startsWith("$")
          : Array.isArray(allowed) && allowed.includes(value[name]);
    if (!Object.entries(rule.where ?? {}).every(([name, allowed]) => is(name, allowed))) return false;
    const { needs, excludes = [], only = {}, atMost = {}, atLeast = {}, ofProcessor } = rule;
    const limit = (of: string | number) =>
      typeof of === "number" ? of : Number(value[of] ?? Number.POSITIVE_INFINITY);
    return (
      ofProcessor !== undefined ||
      (needs !== undefined && !needs.some((name) => name in value)) ||
      excludes.some((name) => name in value) ||
      Object.entries(only).some(([name, allowed]) => !allowed.some((each) => each === value[name])) ||
      Object.entries(atMost).some(([name, most]) => Number(value[name] ?? 1) > limit(most)) ||
      Object.entries(atLeast).some(([name, least]) => Number(value[name] ?? 1) < least)
    );
  }

  /** Functions know these, and not the table alone. */
  const isOdd = (name: string, value: JsonObject) =>
    (name === "$sessionWindow" && !JSON.stringify(value).includes("$group")) ||
    (name === "$iceberg" && "partitionedBy" in value);
  const withSession = (name: string, value: JsonObject) =>
    name === "$sessionWindow" ? { ...value, pipeline: [{ $group: { _id: "$a" } }] } : value;

  const drawnStages = stages.flatMap((stage) =>
    stage.value.kind === "object" ? [{ stage, shape: stage.value, name: stage.name }] : [],
  );

  test.each(drawnStages)("passes: $name", ({ stage, shape, name }) => {
    fc.assert(
      fc.property(objects(shape), (drawnValue) => {
        const value = withSession(name, drawnValue);
        fc.pre(!isOdd(name, value));
        expect(check(around(stage, value, stage.place === "sink"))).toEqual(silence);
      }),
      { numRuns: 60 },
    );
  });

  test.each(drawnStages.filter(({ shape }) => !shape.others))(
    "is told of where a needed field is dropped, or a field misspelt: $name",
    ({ stage, shape, name }) => {
      fc.assert(
        fc.property(objects(shape), fc.nat(), (drawnValue, seed) => {
          const value = withSession(name, drawnValue);
          fc.pre(!isOdd(name, value));
          const keys = Object.keys(value).filter((key) => key !== "kafka");
          const key = keys[seed % Math.max(keys.length, 1)];
          fc.pre(key !== undefined);
          const { [key ?? ""]: dropped, ...rest } = value;
          const needed = shape.fields[key ?? ""]?.need !== undefined;
          const told = (given: unknown) => {
            const { problems, warnings } = check(around(stage, given, stage.place === "sink"));
            return [...problems, ...warnings].join("\n");
          };
          if (needed) expect(told(rest)).toContain(`${name}.${key} is required`);
          if (key !== "connectionName")
            expect(told({ ...rest, [`${key}x`]: dropped })).toContain(`${name}.${key}x is no field`);
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe("a rule across fields", () => {
  const ofCluster = (more: JsonObject) => [
    { $source: { connectionName: "cluster", db: "d", coll: "c", ...more } },
    sink,
  ];
  const into = { connectionName: "cluster", db: "d", coll: "c" };
  const lambda = { connectionName: "lambda", functionName: "f" };
  const window = (more: JsonObject) => [source, { $tumblingWindow: { interval: minute, pipeline: [], ...more } }, sink];
  const session = (...pipeline: JsonObject[]) => [
    source,
    { $sessionWindow: { partitionBy: "$a", gap: minute, pipeline } },
    sink,
  ];
  const search = { from: into, as: "x", index: "i", path: "v", limit: 5 };
  const lookup = { from: into, as: "x" };

  test.each<[pipeline: JsonObject[], line: RegExp]>([
    [ofCluster({ initialSync: { enable: true }, db: undefined }), /\$source\.db is required where coll is set/],
    [
      [...ofCluster({ initialSync: { enable: true } }).slice(0, 1), ...window({}).slice(1)],
      /\$source\.initialSync cannot stand in a pipeline with a window, and there is \$tumblingWindow/,
    ],
    [
      ofCluster({ config: { startAfter: { _data: "82" }, startAtOperationTime: { $date: "2026-01-01T00:00:00Z" } } }),
      /startAtOperationTime cannot be set where startAfter is set/,
    ],
    [
      [
        {
          $source: {
            connectionName: "kinesis",
            stream: "s",
            config: { consumerARN: "a", initialPosition: "AT_TIMESTAMP" },
          },
        },
        sink,
      ],
      /config\.atTimestamp is required where initialPosition is AT_TIMESTAMP/,
    ],
    [
      [source, { $https: { connectionName: "api", as: "x", onError: "DLQ" } }, sink],
      /onError sends to the dead letter queue/,
    ],
    [
      [source, { $externalFunction: { ...lambda, as: "x", partitionBy: "$a", parallelism: 1 } }, sink],
      /parallelism must be at least 2/,
    ],
    [
      [source, { $externalFunction: { ...lambda, execution: "async", parallelism: 2 } }],
      /parallelism can be at most 1/,
    ],
    [
      window({ boundary: "processingTime", idleTimeout: minute }),
      /idleTimeout cannot be set where boundary is processingTime/,
    ],
    [
      [source, { $lookup: { ...lookup, localField: "a" } }, sink],
      /\$lookup\.foreignField is required where localField is set/,
    ],
    [
      [source, { $vectorSearch: { ...search, queryVector: "$v" } }, sink],
      /numCandidates is required where exact is false/,
    ],
    [
      [source, { $vectorSearch: { ...search, queryVector: "$v", numCandidates: 2 } }, sink],
      /limit can be at most numCandidates/,
    ],
    [
      [source, { $vectorSearch: { ...search, queryVector: "$v", query: { text: "a" }, exact: true } }, sink],
      /queryVector cannot be set/,
    ],
    [[source, { $setStreamMeta: { target: "$a" } }, sink], /target must have a name that starts with stream\./],
    [
      [source, { $emit: { connectionName: "cluster", db: "d", coll: "$c" } }],
      /timeseries is required where coll is an expression/,
    ],
    [
      [
        source,
        { $iceberg: { connectionName: "lake", bucket: "b", tableName: "t", path: "p", partitionedBy: { at: "day" } } },
      ],
      /partitionedBy\.at must come after _id/,
    ],
    [[source, { $validate: { validator: { $and: [{ $where: "1" }] } } }, sink], /\$where cannot be used in streams/],
  ])("that a page states refuses %j", (pipeline, line) => {
    expect(check(JSON.parse(JSON.stringify(pipeline))).problems).toEqual([expect.stringMatching(line)]);
  });

  test.each<[pipeline: JsonObject[], line: RegExp]>([
    [ofCluster({ config: { fullDocumentOnly: true } }), /fullDocument has to be updateLookup or required/],
    [
      [{ $source: { connectionName: "cluster", db: "d", initialSync: { enable: true } } }, sink],
      /coll is left out, and may be/,
    ],
    [session({ $match: {} }), /needs a \$group or a \$sort/],
    [session({ $limit: 1 }, { $sort: { a: 1 } }), /\$limit should stand behind \$sort/],
    [window({ allowedLateness: { size: 31, unit: "minute" } }), /allowedLateness can be at most 30 minutes/],
    [[source, { $merge: { into, on: ["a", "b", "a"] } }], /on\.2 stands there twice/],
    [[source, { $match: { $text: { $search: "x" } } }, sink], /\$text cannot be used in streams/],
    [
      [source, { $https: { connectionName: "api", as: "x", method: "GET", payload: [] } }, sink],
      /payload cannot be set/,
    ],
    [
      [{ $source: { connectionName: "kafka", topic: "t", timeField: "at" } }, sink],
      /documented as an expression of \$toDate or/,
    ],
  ])("that only the planner or a manual has warns of %j", (pipeline, line) => {
    const { problems, warnings } = check(pipeline);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(line)]);
  });

  test("does not hold beside a dead letter queue, or where none is known", () => {
    const pipeline = [source, { $validate: { validator: {}, validationAction: "dlq" } }, sink];
    expect(check(pipeline).problems).toEqual([expect.stringMatching(/give it dlq \{connectionName, db, coll\}/)]);
    expect(check(pipeline, { hasDlq: true })).toEqual(silence);
    expect(checkPipeline(pipeline, ["pipeline"], { connections })).toEqual(silence);
  });
});

describe("a field or a value that is not documented", () => {
  const ofKafka = (more: JsonObject) => [{ $source: { connectionName: "kafka", topic: "t", ...more } }, sink];
  const merge = (more: JsonObject) => [source, withValueAt(sink, ["$merge"], { ...sink.$merge, ...more })];
  const emit = (more: JsonObject) => [source, { $emit: { connectionName: "kafka", topic: "t", ...more } }];
  const window = (more: JsonObject) => [source, { $tumblingWindow: { interval: minute, pipeline: [], ...more } }, sink];

  test.each<[pipeline: JsonObject[], line: RegExp]>([
    [ofKafka({ timefield: { $toDate: "$a" } }), /timefield is no field of \$source .*; did you mean timeField\?/],
    [ofKafka({ autoOffsetReset: "earliest" }), /did you mean config\.auto_offset_reset\?/],
    [ofKafka({ config: { autoOffsetReset: "earliest" } }), /of \$source\.config; did you mean auto_offset_reset\?/],
    [ofKafka({ config: { groupId: "g" } }), /did you mean group_id\?/],
    [ofKafka({ db: "d" }), /for a connection of type Kafka; it is one for Cluster/],
    [
      ofKafka({ config: { auto_offset_reset: "begin" } }),
      /one of latest, .*; "begin" was given; did you mean "beginning"\?/,
    ],
    [[{ $source: { connectionName: "cluster", db: "d", collection: "c" } }, sink], /did you mean coll\?/],
    [
      [{ $source: { connectionName: "cluster", db: "d", fullDocument: "required" } }, sink],
      /did you mean config\.fullDocument\?/,
    ],
    [merge({ whenMatch: "merge" }), /did you mean whenMatched\?/],
    [merge({ whenMatched: "upsert" }), /"upsert" was given; did you mean "merge"\?/],
    [merge({ whenNotMatched: "fail" }), /documented as insert or discard; "fail" was given/],
    [
      merge({ into: { connectionName: "cluster", db: "d", coll: "c", topic: "t" } }),
      /of \$merge\.into; \$emit writes to Kafka/,
    ],
    [emit({ schemaRegistryName: "registry" }), /did you mean schemaRegistry\?/],
    [emit({ acks: "all" }), /did you mean config\.acks\?/],
    [window({ allowedLatness: minute }), /did you mean allowedLateness\?/],
    [window({ boundaryType: "eventTime" }), /did you mean boundary\?/],
    [window({ interval: { size: 1, unit: "minutes" } }), /did you mean "minute"\?/],
    [[source, { $https: { connectionName: "api", as: "x", method: "FETCH" } }, sink], /did you mean "GET"\?/],
  ])("is a warning with what is meant: %j", (pipeline, line) => {
    const { problems, warnings } = check(pipeline);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(line)]);
  });

  test("is a refusal where it has another form than any that can stand there", () => {
    expect(check(window({ interval: "1m" })).problems).toEqual([
      '1.$tumblingWindow.interval must be an object such as {"size": 5, "unit": "minute"}',
    ]);
    expect(check(merge({ parallelism: "4" })).problems).toEqual([
      "1.$merge.parallelism must be a whole number greater than 0",
    ]);
  });

  test("is told of a few, where there are many", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
    expect(check(ofKafka(many)).warnings).toHaveLength(10);
  });
});

describe("a variable that streams do not have", () => {
  test.each<[stage: JsonObject, path: string]>([
    [{ $addFields: { at: { $dateDiff: { startDate: "$at", endDate: "$$NOW" } } } }, "$addFields.at.$dateDiff.endDate"],
    [{ $match: { $or: [{ $expr: { $lt: ["$at", "$$NOW"] } }] } }, "$match.$or.0.$expr.$lt.1"],
    [{ $replaceWith: "$$CLUSTER_TIME" }, "$replaceWith"],
    [{ $https: { connectionName: "api", as: "x", parameters: { at: "$$NOW" } } }, "$https.parameters.at"],
  ])("is refused where it is computed: %j", (stage, path) => {
    const { problems } = check([source, stage, sink]);
    expect(problems).toEqual([expect.stringMatching(/uses \$\$(NOW|CLUSTER_TIME), which streams do not have/)]);
    expect(problems[0]?.split(" ")[0]).toBe(`1.${path}`);
  });

  test.each<[stage: JsonObject]>([
    [{ $addFields: { a: { $literal: "$$NOW" }, b: "$$ROOT", c: "$$REMOVE", d: "$$NOWHERE" } }],
    [{ $match: { a: "$$NOW" } }],
    [{ $validate: { validator: { $jsonSchema: { description: "$$NOW" } } } }],
  ])("is none where it is text: %j", (stage) => {
    expect(check([source, stage, sink])).toEqual(silence);
  });

  test("may be known to a cluster that runs a pipeline of its own", () => {
    const pipeline = [{ $match: { $expr: { $lt: ["$at", "$$NOW"] } } }];
    const from = { connectionName: "cluster", db: "d", coll: "c" };
    expect(check([source, { $lookup: { from, pipeline, as: "x" } }, sink])).toEqual({
      problems: [],
      warnings: [expect.stringMatching(/^1\.\$lookup\.pipeline\.0\.\$match\.\$expr\.\$lt\.1 uses \$\$NOW/)],
    });
    expect(check([{ $source: { connectionName: "cluster", config: { pipeline } } }, sink])).toEqual(silence);
  });
});

describe("a tier", () => {
  const parallel = (parallelism: number) => [source, { $merge: { ...sink.$merge, parallelism } }];
  const synced = (...coll: string[]) => [
    { $source: { connectionName: "cluster", db: "d", coll, initialSync: { enable: true } } },
    sink,
  ];
  const iceberg = [source, { $iceberg: { connectionName: "lake", bucket: "b", tableName: "t", path: "p" } }];
  const cached = (maxMemUsageBytes: number) => {
    const from = { connectionName: "cluster", db: "d", coll: "c" };
    return [
      source,
      { $cachedLookup: { ttl: minute, maxMemUsageBytes, from, localField: "a", foreignField: "b", as: "x" } },
      sink,
    ];
  };

  test.each<[what: string, pipeline: JsonObject[], smallest: string | undefined, tooSmall: string, path: string]>([
    ["parallelism 4", parallel(4), "SP10", "SP5", "1.$merge.parallelism"],
    ["parallelism 17", parallel(17), "SP30", "SP10", "1.$merge.parallelism"],
    ["two collections", synced("a", "b"), "SP10", "SP5", "0.$source.coll"],
    ["eleven collections", synced(..."abcdefghijk"), "SP50", "SP30", "0.$source.coll"],
    ["$iceberg", iceberg, "SP10", "SP5", "1.$iceberg"],
    ["a cache of 200 MB", cached(209_715_200), "SP10", "SP5", "1.$cachedLookup.maxMemUsageBytes"],
  ])("that is too small for %s is refused with the smallest that fits", (_, pipeline, smallest, tooSmall, path) => {
    expect(smallestTier(pipeline)).toBe(smallest);
    expect(check(pipeline, { tiers: { tier: smallest } })).toEqual(silence);
    expect(check(pipeline)).toEqual(silence);
    const { problems } = check(pipeline, { tiers: { tier: tooSmall } });
    expect(problems).toEqual([expect.stringContaining(`The smallest tier that fits is ${smallest}`)]);
    expect(problems[0]?.split(" ")[0]).toBe(path);
  });

  test("has to do for all stages together, of windows too, but not for a sync that is off", () => {
    const lookup = { $lookup: { from: { connectionName: "cluster", db: "d", coll: "c" }, as: "x", parallelism: 2 } };
    const window = { $tumblingWindow: { interval: minute, pipeline: [lookup] } };
    const pipeline = [source, lookup, window, { $merge: { ...sink.$merge, parallelism: 3 } }];
    expect(check(pipeline, { tiers: { tier: "SP5" } }).problems).toEqual([
      "3.$merge.parallelism 4 instances beyond the first of each stage, in all; SP5 allows 2. The smallest tier that fits is SP10",
    ]);
    const initialSync = { enable: false, parallelism: 9 };
    const off = [{ $source: { connectionName: "cluster", db: "d", coll: ["a", "b"], initialSync } }, sink];
    expect(check(off, { tiers: { tier: "SP2" } })).toEqual(silence);
  });

  test("of the workspace counts where the processor has none, and its largest always", () => {
    expect(check(parallel(4), { tiers: { workspaceTier: "SP2" } }).problems).toEqual([
      expect.stringContaining("SP2, the workspace's default, allows 1"),
    ]);
    expect(check(parallel(4), { tiers: { tier: "SP10", workspaceTier: "SP2" } })).toEqual(silence);
    expect(check(parallel(4), { tiers: { maxTier: "SP5" } }).problems).toEqual([
      expect.stringMatching(/fits is SP10, but SP5 is the workspace's largest$/),
    ]);
    expect(
      checkPipeline(parallel(1), ["processors", "0", "pipeline"], { tiers: { tier: "SP30", maxTier: "SP10" } }),
    ).toEqual({
      problems: [{ path: ["processors", "0", "tier"], message: "can be at most SP10, the workspace's largest" }],
      warnings: [],
    });
  });

  test("does not do where none is large enough, and is not judged where it is not known", () => {
    expect(smallestTier(parallel(66))).toBeUndefined();
    expect(check(parallel(66)).problems).toEqual([expect.stringContaining("no tier allows more than 64")]);
    expect(check(parallel(4), { tiers: { tier: "SP9000" } })).toEqual(silence);
  });
});
