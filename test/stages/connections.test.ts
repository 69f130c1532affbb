/** The connections that a processor uses, by the places of its pipeline that name one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valueAt } from "../../src/json.ts";
import { namesOf, usesOf } from "../../src/stages/connections.ts";
import { validPipelines } from "./valid-pipelines.ts";

const rolesIn = (pipeline: unknown) => usesOf({ pipeline }).map(({ name, role }) => [name, role]);
const window = (pipeline: unknown[]) => ({ $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline } });
const from = (connectionName: string) => ({ from: { connectionName, db: "d", coll: "c" }, as: "x" });

describe("the connections in a pipeline", () => {
  test.each(validPipelines)("are found: $what", ({ pipeline, uses }) => {
    const found = usesOf({ pipeline });
    const [sources, sinks, others] = [namesOf(found, "source"), namesOf(found, "sink"), namesOf(found, "other")];
    expect({ sources, sinks, others }).toEqual(uses);
    expect(namesOf(found, "doubtful", "dlq")).toEqual([]);
  });

  test("are each named once, in order", () => {
    const https = (name: string) => ({ $https: { connectionName: name, as: "x" } });
    const pipeline = [https("b"), https("a"), https("b"), { $match: {} }];
    expect(namesOf(usesOf({ pipeline }), "other")).toEqual(["b", "a"]);
  });

  test("are found where an example of MongoDB has them", () => {
    expect(rolesIn([{ $emit: { kafka: { connectionName: "k" } } }])).toEqual([["k", "sink"]]);
  });

  test("are found with what leads to them and what can stand there", () => {
    const pipeline = [{ $source: { connectionName: "in" } }, { $lookup: from("archive") }];
    expect(usesOf({ pipeline })).toMatchObject([
      { name: "in", path: ["pipeline", "0", "$source", "connectionName"], place: { types: { Kafka: {} } } },
      {
        name: "archive",
        path: ["pipeline", "1", "$lookup", "from", "connectionName"],
        place: { types: { Cluster: {} } },
      },
    ]);
  });

  test("are found in the pipelines of stages, whose sinks are none of the processor's", () => {
    const inner = [{ $lookup: from("a") }, { $https: { connectionName: "b" } }];
    expect(rolesIn([window([window(inner)])])).toEqual([
      ["a", "other"],
      ["b", "other"],
    ]);
    expect(rolesIn([{ $lookup: { pipeline: [{ $lookup: from("a") }], as: "x" } }])).toEqual([["a", "other"]]);
    expect(rolesIn([{ $vectorSearch: { pipeline: [{ $lookup: from("a") }] } }])).toEqual([["a", "other"]]);
    expect(rolesIn([{ $https: { connectionName: "h", payload: [{ $lookup: from("a") }] } }])).toEqual([
      ["h", "sink"],
      ["a", "other"],
    ]);
  });

  test("are not what documents and expressions call so", () => {
    const data = { connectionName: "data", into: { connectionName: "data" } };
    const stages = ["$match", "$project", "$addFields", "$group", "$validate", "$source", "$setStreamMeta"];
    for (const stage of stages) expect(rolesIn([{ [stage]: { validator: data, a: data } }])).toEqual([]);
    expect(rolesIn([{ $match: data }, { $emit: { connectionName: "k", config: data } }])).toEqual([["k", "sink"]]);
  });

  test("of a dead letter queue are found beside them", () => {
    const options = { dlq: { connectionName: "rejected", db: "d", coll: "c" } };
    expect(usesOf({ pipeline: [], options })).toMatchObject([
      { name: "rejected", role: "dlq", path: ["options", "dlq", "connectionName"], place: { types: { Cluster: {} } } },
    ]);
  });
});

describe("a name of which nobody can know whether it is a connection's", () => {
  test("is each one in a stage that is not known, wherever that stands", () => {
    const stage = { $deltaLake: { connectionName: "a", into: [{ deep: { connectionName: "b" } }], name: "c" } };
    const doubts = [
      ["a", "doubtful"],
      ["b", "doubtful"],
    ];
    expect(rolesIn([stage])).toEqual(doubts);
    expect(rolesIn([window([stage]), { $match: {} }])).toEqual(doubts);
    expect(usesOf({ pipeline: [stage] })[1]).toEqual({
      name: "b",
      role: "doubtful",
      path: ["pipeline", "0", "$deltaLake", "into", "0", "deep", "connectionName"],
    });
  });

  test("is the second one where a stage has two for the same", () => {
    const both = { connectionName: "a", kafka: { connectionName: "b" } };
    expect(rolesIn([{ $emit: both }])).toEqual([
      ["a", "sink"],
      ["b", "doubtful"],
    ]);
  });
});

describe("any value", () => {
  test.each([[undefined], [null], ["x"], [5], [{}], [[null, 5, "x", [], {}]], [[{ $source: null }, { $merge: "c" }]]])(
    "%j uses none",
    (value) => {
      expect(usesOf({ pipeline: value, options: value })).toEqual([]);
    },
  );

  test("uses names that are text, each where its path leads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, dlq) => {
        const processor = { pipeline: [value, { $merge: { into: value } }, { $new: value }, value], options: { dlq } };
        for (const { name, path } of usesOf(processor)) expect(valueAt(processor, path)).toBe(name);
      }),
    );
  });
});
