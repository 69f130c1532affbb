/** What is left of an exchange over HTTP once it has ended: nothing, so that a busy server's memory stays as it is. */
import { createServer } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { createHttpHandler } from "../../src/protocol/http.ts";
import type { JsonRpcMessage } from "../../src/protocol/messages.ts";
import { createServices } from "../../src/services.ts";
import { eras, headersOf } from "../support/eras.ts";
import { listen } from "../support/listen.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const services = createServices(readSettings({}), {});
const handler = createHttpHandler(() => {});
/** What each exchange was about. */
const messages: WeakRef<object>[] = [];
const errors: unknown[] = [];
const ended: Promise<void>[] = [];
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(
    createServer((request, response) => {
      const method = String(request.headers["x-method"]);
      const era = eras.find(({ name }) => name === request.headers["x-era"]);
      request.resume();
      const message: JsonRpcMessage = { jsonrpc: "2.0", id: 1, method, params: era?.params() ?? {} };
      messages.push(new WeakRef(message));
      const exchange = { message, services, stop: new AbortController() };
      ended.push(handler.handle(request, response, exchange).catch((error) => void errors.push(error)));
    }),
  );
});
afterAll(async () => {
  await Promise.all([server.close(), handler.close(), services.atlas.close()]);
});

test.each(eras)("in the $name era", async ({ name }) => {
  messages.length = 0;
  for (let times = 0; times < 30; times++) {
    const response = await fetch(`http://127.0.0.1:${server.port}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(name === "2026" && headersOf("tools/list")),
        "x-method": "tools/list",
        "x-era": name,
      },
      body: "{}",
    });
    expect([response.status, (await response.text()).includes("create_stream_connection")]).toEqual([200, true]);
  }
  await Promise.all(ended.splice(0));
  expect(errors).toEqual([]);
  for (let turns = 0; turns < 20; turns++) await turn();
  collect();
  // The last of them may still be known to the connection that it came by.
  expect(messages.filter((message) => message.deref() !== undefined).length).toBeLessThan(5);
});
