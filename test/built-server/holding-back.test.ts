/** From a pipeline that lets nothing through to one that works: the diagnosis names the stage, and a trial shows it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession();
  session.put({ name: "sample_stream_solar", type: "Sample" });
  session.put({ name: "sink", type: "Cluster", clusterName: "Cluster0" });
}, 60_000);
afterAll(async () => {
  session.reset();
  await session.close();
});

const source = { $source: { connectionName: "sample_stream_solar" } };
const brighterThan = (watts: number) => ({ $match: { "obs.watts": { $gt: watts } } });
const into = (coll: string) => ({ $merge: { into: { connectionName: "sink", db: "solar", coll } } });
const start = (processorName: string, pipeline: unknown[], more: JsonObject = {}) =>
  session.call("create_stream_processor", { ...place, processorName, pipeline, start: true, ...more });

async function findings(processorName: string): Promise<JsonObject[]> {
  const result = await session.call("diagnose_stream_processor", { ...place, processorName });
  const found: unknown = result["findings"];
  return Array.isArray(found) ? found.filter(isObject) : [];
}

it("a $match that lets nothing through", async () => {
  const dark = [source, brighterThan(10_000), into("dark")];
  expect(await start("dark", dark)).toMatchObject({ outcome: "created" });
  const found = await findings("dark");
  expect(found).toContainEqual(
    expect.objectContaining({
      what: "Messages come in, but none goes out: pipeline[1].$match may match nothing",
      evidence: expect.stringMatching(/^\d+ in, 0 out, .*pipeline\[1\]\.\$match: \{"obs\.watts":\{"\$gt":10000\}\}/),
      next: expect.stringContaining("try_stream_pipeline"),
    }),
  );

  expect(await session.call("try_stream_pipeline", { pipeline: dark })).toMatchObject({
    outcome: "ok",
    stages: [{ stage: "$source" }, { stage: "$match", out: 0 }, { stage: "$merge", in: 0 }],
  });
  const bright = [source, brighterThan(100), into("dark")];
  await session.call("update_stream_processor", { ...place, processorName: "dark", pipeline: bright });
  const [mended] = await findings("dark");
  expect(mended).toMatchObject({ severity: "info", what: expect.stringMatching(/runs: .* messages a second come in/) });
});

it("a document that the logs show as rejected", async () => {
  const dlq = { connectionName: "sink", db: "solar", coll: "rejected" };
  const validate = { $validate: { validator: { "obs.watts": { $gt: 10_000 } }, validationAction: "dlq" } };
  await start("strict", [source, validate, into("never")], { dlq });
  const [rejects] = await findings("strict");
  const next = String(rejects?.["next"]);
  expect(rejects).toMatchObject({ what: "All messages go to the dead letter queue" });
  const [, documents = ""] = /on documents (\[\{.*\}\]) with/.exec(next) ?? [];
  expect(
    await session.call("try_stream_pipeline", { pipeline: [source, validate, into("never")], documents, dlq: true }),
  ).toMatchObject({
    outcome: "ok",
    deadLetters: [{ stage: "$validate", reason: expect.stringContaining("invalid") }],
  });
});
