/** The connections that a pipeline uses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionsIn } from "../../src/stages/connections.ts";
import { validPipelines } from "./valid-pipelines.ts";

const none = { sources: [], sinks: [], others: [] };

describe("the connections in a pipeline", () => {
  test.each(validPipelines)("are found: $what", ({ pipeline, uses }) => {
    expect(connectionsIn(pipeline)).toEqual(uses);
  });

  test("are each named once, in order", () => {
    const https = (name: string) => ({ $https: { connectionName: name, as: "x" } });
    expect(connectionsIn([https("b"), https("a"), https("b"), { $match: {} }])).toEqual({
      ...none,
      others: ["b", "a"],
    });
  });

  test("are found in stages that are not known, at the end as a sink", () => {
    const stage = { $deltaLake: { into: { connectionName: "lake" } } };
    expect(connectionsIn([stage, stage])).toEqual({ ...none, sinks: ["lake"], others: ["lake"] });
  });

  test("are found where an example of MongoDB has them", () => {
    expect(connectionsIn([{ $emit: { kafka: { connectionName: "k" } } }])).toEqual({ ...none, sinks: ["k"] });
  });

  test.each([[undefined], [null], ["x"], [5], [{}], [[null, 5, "x", [], {}]], [[{ $source: null }, { $merge: "c" }]]])(
    "of %j are none",
    (value) => {
      expect(connectionsIn(value)).toEqual(none);
    },
  );

  test("of any value are lists of text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { sources, sinks, others } = connectionsIn([value, { $merge: { into: value } }, value]);
        for (const name of [...sources, ...sinks, ...others]) expect(typeof name).toBe("string");
      }),
    );
  });
});
