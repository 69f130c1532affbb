import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/start.ts";
import { ask, askForToken, connectionsPath, streamsPath } from "./atlas-client.ts";

test("listens on the loopback interface, each sandbox on a port and with data of its own", async () => {
  const [one, other] = await Promise.all([startSandbox(), startSandbox()]);
  expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await ask(one, "DELETE", `${connectionsPath}/shop-kafka`);
  expect((await ask(one, "GET", `${connectionsPath}/shop-kafka`)).status).toBe(404);
  expect((await ask(other, "GET", `${connectionsPath}/shop-kafka`)).status).toBe(200);
  await Promise.all([one.close(), other.close()]);
});

test("records every request with what was answered", async () => {
  const sandbox = await startSandbox();
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
  await sandbox.close();
});

test("closes at once, whatever is under way", async () => {
  const sandbox = await startSandbox();
  sandbox.faults.add({ fault: { kind: "silence-before-acting" } });
  sandbox.faults.add({ fault: { kind: "delay", ms: 60_000 } });
  sandbox.faults.add({ fault: { kind: "slow-body", bytesPerSecond: 1 } });
  const underWay = [1, 2, 3].map(() => ask(sandbox, "GET", streamsPath));
  const ended = Promise.allSettled(underWay);
  while (sandbox.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const idle = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
  await once(idle, "connect");
  idle.on("error", () => {});

  const started = performance.now();
  await sandbox.close();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(performance.now() - started).toBeLessThan(2000);
  idle.destroy();
  await expect(ask(sandbox, "GET", streamsPath)).rejects.toThrow();
});

test("survives a client that goes away in the middle of its request", async () => {
  const sandbox = await startSandbox();
  const socket = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
  socket.write(`POST ${connectionsPath} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100\r\n\r\n{`);
  while (sandbox.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  socket.destroy();
  expect((await ask(sandbox, "GET", streamsPath)).status).toBe(200);
  await sandbox.close();
});
