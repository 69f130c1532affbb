/** A processor that was shown with masks is pasted back with a change: what was hidden stays as it is. */
import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../../../src/json.ts";
import getStreamProcessor from "../../../src/tools/processors/get.ts";
import updateStreamProcessor from "../../../src/tools/processors/update.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const https = {
  connectionName: "h",
  path: "/hook?page=2&token=hidden-in-the-path",
  headers: { Authorization: "Bearer hidden-in-a-header", "X-Device": "$device_id", Accept: "text/plain" },
  parameters: { api_key: "hidden-in-a-parameter", page: "2" },
  as: "answer",
};
const pipeline: JsonObject[] = [
  { $source: { connectionName: "s" } },
  { $set: { password: "$pw", card: "****" } },
  { $https: https },
  { $emit: { connectionName: "k", topic: "t", config: { key: "$customerId", keyFormat: "string" } } },
];

function there() {
  let latest: JsonObject = { name: "p", state: "STOPPED", pipeline };
  return fakeServices({
    env: { ATLAS_STREAMS_SECRET_WORD: "customerId" },
    reply: ({ method, path, body }) => {
      if (path.endsWith("/connections"))
        return {
          results: [
            ["s", "Sample"],
            ["h", "Https"],
            ["k", "Kafka"],
          ].map(([name, type]) => ({ name, type })),
        };
      if (method === "PATCH" && isObject(body)) latest = { ...latest, ...body };
      return latest;
    },
  });
}

/** The pipeline as an agent sees it. */
async function seen(services: ReturnType<typeof there>): Promise<JsonObject[]> {
  const { processor } = await call(getStreamProcessor, { ...place, processorName: "p" }, services);
  return isObject(processor) && Array.isArray(processor["pipeline"]) ? processor["pipeline"] : [];
}

describe("a pipeline", () => {
  test("is shown with its secrets masked, and nothing else", async () => {
    expect(await seen(there())).toEqual([
      ...pipeline.slice(0, 2),
      {
        $https: {
          ...https,
          path: "/hook?page=2&token=***",
          headers: { Authorization: "***", "X-Device": "$device_id", Accept: "text/plain" },
          parameters: { api_key: "***", page: "2" },
        },
      },
      pipeline[3],
    ]);
  });

  test("that is pasted back as it was shown changes nothing", async () => {
    const services = there();
    const args = { ...place, processorName: "p", pipeline: await seen(services) };
    expect(await call(updateStreamProcessor, args, services)).toMatchObject({ outcome: "unchanged" });
  });

  test("that is pasted back with a change keeps what was hidden", async () => {
    const services = there();
    const [source, , , emit] = pipeline;
    const [, , shown] = await seen(services);
    const changed = [source, { $set: { password: "$other" } }, shown, emit];
    const result = await call(updateStreamProcessor, { ...place, processorName: "p", pipeline: changed }, services);
    expect(result.outcome).toBe("updated");
    expect(JSON.stringify([result, services.logged])).not.toContain("hidden-in");
    const patch = services.atlas.requests.find(({ request }) => request.method === "PATCH")?.request;
    expect(patch?.body).toEqual({ pipeline: [source, { $set: { password: "$other" } }, { $https: https }, emit] });
  });

  test("with a mask where something else was is refused", async () => {
    const services = there();
    const headers = { ...https.headers, "X-New": "***" };
    const changed = [...pipeline.slice(0, 2), { $https: { ...https, path: "/other?token=***", headers } }, pipeline[3]];
    const { error } = await call(updateStreamProcessor, { ...place, processorName: "p", pipeline: changed }, services);
    expect(error?.fields?.map(({ path }) => path)).toEqual([
      "pipeline[2].$https.path",
      "pipeline[2].$https.headers.X-New",
    ]);
  });
});
