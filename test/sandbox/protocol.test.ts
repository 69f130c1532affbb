import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, connectionsPath, shopPath, streamsPath } from "./atlas-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

describe("media types", () => {
  test.each(["*/*", "application/json", "application/vnd.atlas+json", "application/vnd.atlas.2022-12-31+json"])(
    "Accept: %s is answered with 406",
    async (accept) => {
      const answer = await ask(sandbox, "GET", streamsPath, { headers: { accept } });
      expect(answer.status).toBe(406);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.body).toMatchObject({ error: 406, errorCode: "VERSION_NOT_ACCEPTABLE" });
    },
  );

  test("an answer has the newest version of its endpoint that the date allows", async () => {
    const contentType = async (path: string, date: string) =>
      (await ask(sandbox, "GET", path, { headers: { accept: `application/vnd.atlas.${date}+json` } })).headers.get(
        "content-type",
      );
    expect(await contentType(connectionsPath, "2025-03-12")).toBe("application/vnd.atlas.2023-02-01+json");
    expect(await contentType(`${shopPath}/clusters`, "2024-08-04")).toBe("application/vnd.atlas.2023-02-01+json");
    expect(await contentType(`${shopPath}/clusters`, "2024-08-05")).toBe("application/vnd.atlas.2024-08-05+json");
  });

  test.each(["text/plain", "application/x-www-form-urlencoded"])("a body of %s is answered with 415", async (type) => {
    const sent = { body: { name: "s", type: "Sample" }, headers: { "content-type": type } };
    expect((await ask(sandbox, "POST", connectionsPath, sent)).status).toBe(415);
  });

  test.each(["application/json; charset=utf-8", "application/vnd.atlas.2023-02-01+json"])(
    "a body of %s is taken",
    async (type) => {
      const sent = { body: { name: type, type: "Sample" }, headers: { "content-type": type } };
      expect((await ask(sandbox, "POST", connectionsPath, sent)).status).toBe(200);
    },
  );
});

describe("paths and methods", () => {
  test("an unknown path is answered with 404", async () => {
    for (const path of ["/", "/api/atlas/v2/nothing", `${shopPath}/streams/orders/connections/`]) {
      const answer = await ask(sandbox, "GET", path);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ error: 404, errorCode: "RESOURCE_NOT_FOUND", reason: "Not Found" });
    }
  });

  test("a method that an endpoint has not is answered with 405 and those it has", async () => {
    const answer = await ask(sandbox, "PUT", connectionsPath, { body: {} });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, POST");
  });
});

describe("envelope and pretty", () => {
  test("an envelope holds the status and the content", async () => {
    const answer = await ask(sandbox, "GET", `${connectionsPath}/shop-kafka?envelope=true`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 200, content: expect.objectContaining({ name: "shop-kafka" }) });
  });

  test("an envelope holds an error, and HTTP says 200", async () => {
    const answer = await ask(sandbox, "GET", `${connectionsPath}/missing?envelope=true`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 404,
      content: { error: 404, errorCode: "STREAM_CONNECTION_NOT_FOUND_FOR_NAME" },
    });
  });

  test("a list is its own envelope", async () => {
    const answer = await ask(sandbox, "GET", `${connectionsPath}?envelope=true&itemsPerPage=1`);
    expect(answer.body).toMatchObject({ status: 200, results: [{ name: "shop-kafka" }] });
    expect(at(answer.body, "content")).toBeUndefined();
  });

  test("pretty indents", async () => {
    const plain = await ask(sandbox, "GET", `${connectionsPath}/shop-cluster`);
    const pretty = await ask(sandbox, "GET", `${connectionsPath}/shop-cluster?pretty=true`);
    expect(plain.text).not.toContain("\n");
    expect(pretty.text).toContain('\n  "name": "shop-cluster"');
    expect(pretty.body).toEqual(plain.body);
  });
});

describe("rate limit", () => {
  test("every authenticated answer tells what is left, errors too", async () => {
    const first = await ask(sandbox, "GET", streamsPath);
    const second = await ask(sandbox, "GET", `${shopPath}/nothing`);
    const left = (headers: Headers) => Number(headers.get("ratelimit-remaining"));
    expect(Number(first.headers.get("ratelimit-limit"))).toBeGreaterThan(0);
    expect(left(second.headers)).toBe(left(first.headers) - 1);
  });

  test("an answer to a stranger does not", async () => {
    const answer = await ask(sandbox, "GET", streamsPath, { headers: { authorization: undefined } });
    expect(answer.headers.has("ratelimit-limit")).toBe(false);
  });
});
