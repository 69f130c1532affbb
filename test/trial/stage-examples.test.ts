/** The examples that `get_stage_reference` shows: each can be tried, but for those of which nothing is known here. */
import { expect, test } from "vitest";
import { isSink, isWindow, stages } from "../../src/stages/table.ts";
import { tryPipeline } from "../../src/trial/trial.ts";

/** What the examples look up and ask for. */
const around = {
  collections: { "shop.items": [{ _id: 1, name: "Lamp" }] },
  responses: Array.from({ length: 10 }, () => ({ found: true })),
};

/** With all fields that the examples speak of. */
const documents = [1, 2].map((n) => ({
  ...{ _id: n, id: `id-${n}`, rid: n, n, v: n, at: "2025-01-01T00:00:00Z", ms: { $numberLong: "1735689600000" } },
  ...{ site: "s", user: "u", device: "d", kind: "k", item: 1, steps: 5, level: 1, watts: 5, total: 5, limit: 9 },
  ...{ pos: { lat: 1.5 }, items: [{ price: 2 }, { price: 3 }], ns: { db: "shop", coll: "orders" } },
  ...{ operationType: "insert", fullDocument: { _id: n, n }, documentKey: { _id: n } },
}));

const source = { $source: { connectionName: "kafka", topic: "in" } };
const sink = { $emit: { connectionName: "kafka", topic: "out" } };

const cases = stages.flatMap((stage) =>
  stage.examples.map((example, index) => [`${stage.name} ${index}`, stage, { [stage.name]: example }] as const),
);

/** These say themselves what was not tried: a search of vectors, code, a schema registry and a table. */
const untold = ["$vectorSearch 0", "$function 0", "$emit 1", "$iceberg 0"];

test.each(cases)("%s", (label, stage, example) => {
  const inWindow = { $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [example] } };
  const middle = stage.rooms.processor === "no" ? inWindow : example;
  const pipeline =
    stage.place === "source" ? [example, sink] : stage.place === "sink" ? [source, example] : [source, middle, sink];
  const result = tryPipeline({ pipeline, documents, dlq: true, ...around });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  expect(result.untried.map(({ stage }) => stage)).toEqual(untold.includes(label) ? [stage.name] : []);
  expect(result.deadLetters.filter(({ reason }) => !/\$validate/.test(reason))).toEqual([]);
  expect(result.totalIn).toBe(2);
  if (isWindow(stage.name) || isSink(stage)) expect(result.totalOut).toBeGreaterThan(0);
});
