/** What agents are told of stages: by the tool, by the resource, and with the options for a connection. */
import { describe, expect, test } from "vitest";
import { connectionTypes } from "../../../src/connections/union.ts";
import { isObject, type JsonObject, valueAt } from "../../../src/json.ts";
import { checkPipeline } from "../../../src/stages/check.ts";
import { describeStages, exampleConnections } from "../../../src/stages/reference.ts";
import { stages } from "../../../src/stages/table.ts";
import getConnectionOptions from "../../../src/tools/connections/options.ts";
import getStageReference from "../../../src/tools/pipelines/stage-reference.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const reference = (stage?: string) => call(getStageReference, stage === undefined ? {} : { stage }, fakeServices({}));

describe("the reference of stages", () => {
  test("has every stage in a line, and asks Atlas nothing", async () => {
    const services = fakeServices({});
    const { outcome, stages: listed } = await call(getStageReference, {}, services);
    expect(outcome).toBe("ok");
    expect(listed).toEqual(stages.map(({ name, place, use }) => expect.objectContaining({ name, place, use })));
    expect(services.atlas.requests).toEqual([]);
  });

  test("has of a stage its fields with kinds, values, defaults and what is required, by type of connection", async () => {
    const { stage } = await reference("$source");
    expect(stage).toMatchObject({
      place: "source",
      fields: { timeField: "an expression of $toDate or $dateFromString" },
      connections: [
        {
          at: "connectionName",
          types: {
            Kafka: {
              needs: ["topic"],
              fields: {
                topic: "required: text, or a list of text",
                "config.auto_offset_reset":
                  "one of latest, end, largest, earliest, beginning, smallest; default latest",
              },
            },
            Cluster: { rules: expect.arrayContaining(["needs db where coll is set"]) },
          },
        },
        { at: "schemaRegistry.connectionName" },
      ],
      docs: "https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-source/",
    });
  });

  test.each(["emit", "$emit"])("knows %s, and nothing that is no stage", async (name) => {
    expect(await reference(name)).toMatchObject({ stage: { name: "$emit" } });
    expect(await reference("$mrge")).toMatchObject({
      outcome: "failed",
      error: {
        kind: "invalid_input",
        fields: [{ path: "stage", message: expect.stringContaining("did you mean $merge?") }],
      },
    });
  });

  test("says of each rule that is on no page where it is from", () => {
    const rules = describeStages().flatMap((stage) => ("rules" in stage ? (stage.rules ?? []) : []));
    expect(rules).toContain("payload cannot be set where method is DELETE or GET (planner)");
    expect(rules).toContain("needs the processor's dead letter queue where validationAction is dlq");
  });
});

describe.each(connectionTypes)("the options for a connection of type $type", ({ type }) => {
  test("show how it stands in pipelines, with examples that the check passes", async () => {
    const services = fakeServices({ reply: () => ({ results: [], totalCount: 0 }) });
    const result = await call(getConnectionOptions, { ...place, type }, services);
    const found = Array.isArray(result["stages"]) ? result["stages"].filter(isObject) : [];
    expect(found.length).toBeGreaterThan(0);
    for (const { stage, at, example } of found) {
      if (example === undefined) continue;
      const name = String(valueAt(example, [String(stage), ...String(at).split(".")]));
      const connections = new Map([...exampleConnections, [name, { type }]]);
      const merge = { $merge: { into: { connectionName: "cluster", db: "d", coll: "c" } } };
      const source = { $source: { connectionName: "kafka", topic: "t" } };
      const pipeline: unknown[] = stage === "$source" ? [example, merge] : [source, example, merge];
      if (["$emit", "$merge", "$iceberg"].includes(String(stage))) pipeline.pop();
      expect(checkPipeline(pipeline, ["pipeline"], { connections })).toEqual({ problems: [], warnings: [] });
    }
  });
});

test("a Cluster is read, written, looked up and searched", async () => {
  const services = fakeServices({ reply: () => ({ results: [], totalCount: 0 }) });
  const { stages: found }: JsonObject = await call(getConnectionOptions, { ...place, type: "Cluster" }, services);
  expect(found).toMatchObject([
    { stage: "$source", example: { $source: { connectionName: "NAME", db: "shop" } } },
    { stage: "$lookup", at: "from.connectionName" },
    { stage: "$cachedLookup" },
    { stage: "$vectorSearch" },
    { stage: "$merge", at: "into.connectionName", example: { $merge: { into: { connectionName: "NAME" } } } },
    { stage: "$emit", needs: ["db", "coll"] },
  ]);
});
