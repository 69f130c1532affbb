import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { ask, askForToken, connectionsPath, streamsPath } from "../sandbox/atlas-client.ts";
import { holdTime } from "./fake-clock.ts";
import { type Fault, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const create = () => ask(sandbox, "POST", connectionsPath, { body: { name: "s", type: "Sample" } });
const acted = () => sandbox.state.connection(sandboxProject.groupId, sandboxTenant, "s") !== undefined;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the next POST fail in the given way. */
const strike = (fault: Fault) => sandbox.faults.add({ method: "POST", fault });

test("keeps every request with what was answered", async () => {
  await askForToken(sandbox);
  await ask(sandbox, "POST", `${connectionsPath}?envelope=true`, { body: { name: "s", type: "Sample" } });
  await ask(sandbox, "GET", streamsPath, { headers: { authorization: undefined } });
  expect(sandbox.requests).toMatchObject([
    { method: "POST", path: "/api/oauth/token", body: "grant_type=client_credentials", status: 200 },
    {
      method: "POST",
      path: connectionsPath,
      query: { envelope: "true" },
      headers: { "content-type": "application/json" },
      body: { name: "s", type: "Sample" },
      status: 200,
    },
    { method: "GET", path: streamsPath, query: {}, body: undefined, status: 401 },
  ]);
});

test("closes at once, whatever is under way", async () => {
  sandbox.faults.add({ fault: { kind: "silence-before-acting" } });
  sandbox.faults.add({ fault: { kind: "delay", ms: 60_000 } });
  sandbox.faults.add({ fault: { kind: "slow-body", bytesPerSecond: 1 } });
  const ended = Promise.allSettled([1, 2, 3].map(() => ask(sandbox, "GET", streamsPath)));
  await vi.waitFor(() => expect(sandbox.requests).toHaveLength(3), { interval: 5, timeout: 15_000 });
  const started = performance.now();
  await sandbox.close();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe.each([
  ["reset-before-read", false],
  ["reset-after-read", false],
  ["reset-after-acting", true],
] as const)("%s", (kind, acts) => {
  test(`drops the connection and ${acts ? "has acted" : "has not acted"}`, async () => {
    strike({ kind });
    await expect(create()).rejects.toThrow();
    expect(acted()).toBe(acts);
    expect(sandbox.requests).toMatchObject([{ method: "POST", path: connectionsPath, status: undefined }]);
    expect(sandbox.requests[0]?.body === undefined).toBe(kind === "reset-before-read");
  });
});

describe.each([
  ["silence-before-acting", false],
  ["silence-after-acting", true],
] as const)("%s", (kind, acts) => {
  test(`never answers and ${acts ? "has acted" : "has not acted"}`, async () => {
    strike({ kind });
    let settled = false;
    const settle = () => {
      settled = true;
    };
    create().then(settle, settle);
    await vi.waitFor(() => expect(sandbox.requests[0]?.body).toBeDefined(), { interval: 5, timeout: 15_000 });
    await later(30);
    expect(settled).toBe(false);
    expect(acted()).toBe(acts);
  });
});

test("half-body acts, promises the whole body and sends half", async () => {
  strike({ kind: "half-body" });
  const response = await fetch(`${sandbox.url}/api/oauth/token`, { method: "POST" });
  expect(Number(response.headers.get("content-length"))).toBeGreaterThan(10);
  await expect(response.text()).rejects.toThrow();

  strike({ kind: "half-body" });
  await expect(create()).rejects.toThrow();
  expect(acted()).toBe(true);
});

test("garbage-body acts and answers 200 with what is no JSON", async () => {
  strike({ kind: "garbage-body" });
  const answer = await create();
  expect(answer).toMatchObject({ status: 200, body: undefined });
  expect(answer.headers.get("content-type")).toContain("json");
  expect(acted()).toBe(true);
});

describe("answer", () => {
  test("sends the canned answer and does not act", async () => {
    strike({ kind: "answer", status: 429, headers: { "Retry-After": "2" }, body: { errorCode: "RATE_LIMITED" } });
    const answer = await create();
    expect(answer).toMatchObject({ status: 429, body: { errorCode: "RATE_LIMITED" } });
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(acted()).toBe(false);
  });

  test("can be a proxy's page", async () => {
    strike({ kind: "answer", status: 502, body: "<h1>Bad Gateway</h1>", contentType: "text/html" });
    const answer = await create();
    expect(answer).toMatchObject({ status: 502, text: "<h1>Bad Gateway</h1>" });
    expect(answer.headers.get("content-type")).toBe("text/html");
  });

  test("can come after acting", async () => {
    strike({ kind: "answer", status: 500, act: true });
    expect(await create()).toMatchObject({ status: 500, text: "" });
    expect(acted()).toBe(true);
  });
});

test("slow-body acts and lets the body trickle", async () => {
  const size = (await ask(sandbox, "GET", `${connectionsPath}/shop-cluster`)).text.length;
  sandbox.faults.add({ fault: { kind: "slow-body", bytesPerSecond: size * 4 } });
  const started = performance.now();
  const answer = await ask(sandbox, "GET", `${connectionsPath}/shop-cluster`);
  expect(performance.now() - started).toBeGreaterThan(100);
  expect(answer.body).toMatchObject({ name: "shop-cluster" });
});

test("delay waits and then goes on as usual", async () => {
  strike({ kind: "delay", ms: 50 });
  const started = performance.now();
  expect((await create()).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(45);
});

describe("hidden", () => {
  const look = async () => (await ask(sandbox, "GET", `${connectionsPath}/s`)).status;

  test("creates a connection that cannot be read for a while", async () => {
    const pass = holdTime();
    strike({ kind: "hidden", ms: 300 });
    expect((await create()).status).toBe(200);
    expect(await look()).toBe(404);
    expect((await create()).status).toBe(409);
    pass(300);
    expect(await look()).toBe(200);
  });

  test.each([
    [streamsPath, { name: "w", dataProcessRegion: { cloudProvider: "AWS", region: "OHIO_USA" } }, "STREAM_TENANT"],
    [
      `${streamsPath}/${sandboxTenant}/processor`,
      { name: "p", pipeline: [{ $source: { connectionName: "shop-kafka" } }] },
      "STREAM_PROCESSOR",
    ],
  ])("hides what a POST to %s creates", async (path, body, kind) => {
    const pass = holdTime();
    strike({ kind: "hidden", ms: 200 });
    const read = () => ask(sandbox, "GET", `${path}/${body.name}`);
    expect((await ask(sandbox, "POST", path, { body })).status).toBe(200);
    expect(await read()).toMatchObject({ status: 404, body: { errorCode: `${kind}_NOT_FOUND_FOR_NAME` } });
    pass(200);
    expect((await read()).status).toBe(200);
  });

  test("joins with the next rule", async () => {
    const pass = holdTime();
    strike({ kind: "hidden", ms: 300 });
    strike({ kind: "reset-after-acting" });
    await expect(create()).rejects.toThrow();
    expect(await look()).toBe(404);
    pass(300);
    expect(await look()).toBe(200);
  });
});

describe("rules", () => {
  const unavailable: Fault = { kind: "answer", status: 503 };
  const status = async (method: string, path: string) => (await ask(sandbox, method, path)).status;

  test("strike once unless told otherwise, in the order in which they were added", async () => {
    sandbox.faults.add({ times: 2, fault: unavailable });
    sandbox.faults.add({ fault: { kind: "answer", status: 500 } });
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push(await status("GET", streamsPath));
    expect(statuses).toEqual([503, 503, 500, 200]);
  });

  test("strike only the method and path that they name", async () => {
    sandbox.faults.add({ method: "GET", path: /connections$/g, times: Number.POSITIVE_INFINITY, fault: unavailable });
    expect(await status("GET", streamsPath)).toBe(200);
    expect(await status("DELETE", `${connectionsPath}/missing`)).toBe(404);
    expect(await status("GET", connectionsPath)).toBe(503);
    expect(await status("GET", `${connectionsPath}?pageNum=1`)).toBe(503);
  });

  test("strike a start or a stop, whether it acts or not", async () => {
    const processor = `${streamsPath}/${sandboxTenant}/processor/paidOrders`;
    const state = () => sandbox.state.processor(sandboxProject.groupId, sandboxTenant, "paidOrders")?.state;
    sandbox.faults.add({ path: /:stop$/, fault: unavailable });
    sandbox.faults.add({ path: /:stop$/, fault: { kind: "reset-after-acting" } });
    expect(await status("POST", `${processor}:stop`)).toBe(503);
    expect(state()).toBe("STARTED");
    await expect(status("POST", `${processor}:stop`)).rejects.toThrow();
    expect(state()).toBe("STOPPED");
    sandbox.faults.add({ path: /:start$/, fault: { kind: "answer", status: 500, act: true } });
    expect(await status("POST", `${processor}:start`)).toBe(500);
    expect(state()).toBe("STARTED");
  });

  test("can spare the request without credentials that begins a digest exchange", async () => {
    sandbox.faults.add({ authorized: true, fault: unavailable });
    expect((await ask(sandbox, "GET", streamsPath, { headers: { authorization: undefined } })).status).toBe(401);
    expect(await status("GET", streamsPath)).toBe(503);
  });

  test("strike the token endpoint too", async () => {
    sandbox.faults.add({ path: /oauth/, fault: unavailable });
    expect((await askForToken(sandbox)).status).toBe(503);
    expect((await askForToken(sandbox)).status).toBe(200);
  });

  test("can be cleared", async () => {
    sandbox.faults.add({ times: Number.POSITIVE_INFINITY, fault: unavailable });
    sandbox.faults.clear();
    expect(await status("GET", streamsPath)).toBe(200);
  });
});
