import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { send } from "../../src/sandbox/http.ts";
import { startSandbox } from "../../src/sandbox/start.ts";
import { ask, connectionsPath, streamsPath } from "./atlas-client.ts";

const portOf = ({ url }: { url: string }) => Number(new URL(url).port);

test("listens on the loopback interface, each sandbox on a port and with data of its own", async () => {
  const [one, other] = await Promise.all([startSandbox(), startSandbox()]);
  expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await ask(one, "DELETE", `${connectionsPath}/fraud-check`);
  expect((await ask(one, "GET", `${connectionsPath}/fraud-check`)).body).toMatchObject({ state: "DELETING" });
  expect((await ask(other, "GET", `${connectionsPath}/fraud-check`)).body).toMatchObject({ state: "READY" });
  await Promise.all([one.close(), other.close()]);
});

test("closes at once, whatever is under way", async () => {
  let begun = 0;
  const sandbox = await startSandbox(() => {
    begun += 1;
    return new Promise(() => {});
  });
  const ended = Promise.allSettled([1, 2].map(() => ask(sandbox, "GET", streamsPath)));
  while (begun < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const idle = connect(portOf(sandbox), "127.0.0.1");
  await once(idle, "connect");
  idle.on("error", () => {});

  const started = performance.now();
  await sandbox.close();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(performance.now() - started).toBeLessThan(10_000);
  idle.destroy();
  await expect(ask(sandbox, "GET", streamsPath)).rejects.toThrow();
});

test("survives a client that goes away in the middle of its request", async () => {
  const sandbox = await startSandbox();
  const socket = connect(portOf(sandbox), "127.0.0.1");
  socket.write(
    `POST ${connectionsPath} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n{`,
  );
  await once(socket, "data");
  socket.destroy();
  expect((await ask(sandbox, "GET", streamsPath)).status).toBe(200);
  await sandbox.close();
});

test("an exchange can be led in another way, and drops the connection where it fails", async () => {
  const sandbox = await startSandbox(async ({ method }, response) => {
    if (method !== "GET") throw new Error("Not like this");
    send(response, { status: 418, headers: { "x-kind": "teapot" }, body: { kind: "teapot" } });
  });
  await expect(ask(sandbox, "DELETE", streamsPath)).rejects.toThrow();
  const answer = await ask(sandbox, "GET", streamsPath);
  expect(answer).toMatchObject({ status: 418, body: { kind: "teapot" } });
  expect(answer.headers.get("x-kind")).toBe("teapot");
  await sandbox.close();
});
