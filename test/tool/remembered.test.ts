/** A secret that one call brought is shown by no later one, whatever repeats it. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { isObject, type JsonObject } from "../../src/json.ts";
import getStreamConnection from "../../src/tools/connections/get.ts";
import listStreamConnections from "../../src/tools/connections/list.ts";
import { call, create, type FakeServices, fakeServices, place } from "../support/fake-services.ts";

const kafka = (password: string): JsonObject => ({
  name: "k",
  type: "Kafka",
  bootstrapServers: "b:9092",
  authentication: { mechanism: "PLAIN", username: "u", password },
});

/** An Atlas that repeats `echo` of what it has, or fails with it. */
function repeating(echo: () => string): FakeServices {
  const there = () => ({ ...kafka(""), state: "FAILED", errorMessage: `Login failed: ${echo()}` });
  return fakeServices({
    reply: ({ method, path, body }) => {
      if (method === "POST") return isObject(body) ? { ...body, state: "READY" } : {};
      if (path.endsWith("/refused")) return new AtlasFailure("bad_request", `No: ${echo()}`, { detail: echo() });
      return path.includes("/connections/") ? there() : { results: [there()], totalCount: 1 };
    },
  });
}

describe("a secret of an earlier call", () => {
  test.each([
    ["short", "hunt3r"],
    ["long", "a-long-secret-of-an-earlier-call"],
    ["behind a scheme", "Bearer qB7-token"],
  ])("(%s) is in no later result, error or log line", async (_, secret) => {
    const services = repeating(() => secret.replace(/^Bearer /, ""));
    await create({ ...place, connection: kafka(secret) }, services);
    const get = await call(getStreamConnection, { ...place, connectionName: "k" }, services);
    const list = await call(listStreamConnections, place, services);
    const refused = await call(getStreamConnection, { ...place, connectionName: "refused" }, services);
    expect(get.connection?.["errorMessage"]).toBe("Login failed: ***");
    expect(list.outcome).toBe("ok");
    expect(refused.error?.detail).toBe("***");
    const shown = JSON.stringify([get, list, refused, services.logged]);
    expect(shown).not.toContain(secret.replace(/^Bearer /, ""));
  });

  test("is known as long as it is one of the 200 newest", async () => {
    const services = repeating(() => "secret-0000 secret-0001");
    for (let at = 0; at <= 200; at += 1)
      await create({ ...place, connection: kafka(`secret-${String(at).padStart(4, "0")}`) }, services);
    const { connection } = await call(getStreamConnection, { ...place, connectionName: "k" }, services);
    expect(connection?.["errorMessage"]).toBe("Login failed: secret-0000 ***");
  });
});

test("a call knows all of its own secrets, however many there are", async () => {
  const headers = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`X-Key-${at}`, `value-${at}-of-many`]));
  const services = fakeServices({
    reply: ({ method, body }) => (method === "POST" ? { name: "h", echo: JSON.stringify(body) } : {}),
  });
  const connection = { name: "h", type: "Https", url: "https://example.com", headers };
  const result = await create({ ...place, connection }, services);
  expect(result.outcome).toBe("created");
  expect(JSON.stringify(result)).not.toMatch(/value-\d+-of-many/);
});
