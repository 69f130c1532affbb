/** Requests as both eras answer them, without an SDK. */
import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { RequestError } from "../../src/protocol/messages.ts";
import { serveRequest } from "../../src/protocol/requests.ts";
import type { PersonReply } from "../../src/secret-page/person.ts";
import { createServices } from "../../src/services.ts";
import type { Progress } from "../../src/tool/context.ts";
import { fakeServices, place } from "../support/fake-services.ts";
import { pressCancel } from "../support/person.ts";

const context = { signal: new AbortController().signal, sendProgress: async () => {} };

describe("a defect", () => {
  it("is an internal error that says nothing of itself, which the log does without secrets", async () => {
    const services = createServices(readSettings({ ATLAS_STREAMS_MCP_LOG: "error" }), {
      ATLAS_STREAMS_SECRET_A: "hunter2",
    });
    const logged: unknown[] = [];
    services.log.listen((entry) => logged.push(entry));
    const defective = new Proxy(services.settings, {
      get: () => {
        throw new Error("something inside, hunter2");
      },
    });
    const { log } = services;
    log.error = (message, facts) => logged.push({ message, facts });
    const failure = await serveRequest({ method: "tools/list" }, { ...services, settings: defective }, context).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(RequestError);
    expect(failure).toMatchObject({ code: -32603, message: "Internal error", data: undefined });
    expect(logged).toEqual([
      {
        message: "A request failed unexpectedly",
        facts: { method: "tools/list", error: expect.stringContaining("something inside, ***") },
      },
    ]);
  });
});

describe("a call that waits for a person", () => {
  const connection = {
    name: "orders",
    type: "Kafka",
    bootstrapServers: "b:9092",
    authentication: { mechanism: "PLAIN", username: "u" },
  };
  const params = { name: "create_stream_connection", arguments: { ...place, connection } };

  /** What is told while the person thinks for half a minute, and then is on the page for as long. */
  async function waitFor(meta: { progressToken?: string }) {
    const services = fakeServices();
    const { clock } = services.atlas;
    const told: Progress[] = [];
    let agree: (reply: PersonReply) => void = () => {};
    let ask: (needed: { url: string; state: string }) => void = () => {};
    const asked = new Promise<{ url: string; state: string }>((resolve) => {
      ask = resolve;
    });
    const result = serveRequest({ method: "tools/call", params: { ...params, _meta: meta } }, services, {
      signal: new AbortController().signal,
      sendProgress: async ({ progressToken, ...progress }) => {
        expect(progressToken).toBe(meta.progressToken);
        told.push(progress);
      },
      person: {
        ask: (needed) => {
          ask(needed);
          return new Promise((resolve) => {
            agree = resolve;
          });
        },
      },
    });
    const { url, state } = await asked;
    for (let tens = 0; tens < 3; tens += 1) clock.advance(10_000);
    const beforeConsent = told.length;
    agree({ state, action: "accept" });
    // The call goes on when its promises allow; until then no time that passes is waited for.
    for (let turn = 0; turn < 1_000 && told.length < beforeConsent + 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(10_000);
    }
    await pressCancel(url);
    await result;
    clock.advance(60_000);
    await services.desk.close();
    return { told, beforeConsent };
  }

  it("tells its client every 10 s that it goes on, before the page is opened and while it is open", async () => {
    const { told, beforeConsent } = await waitFor({ progressToken: "how far" });
    expect(beforeConsent).toBe(3);
    expect(told.map(({ progress }) => progress)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told[2]?.message).toMatch(/Waiting for a person .*30 s/);
  });

  it("tells nothing to a client that did not ask for it", async () => {
    expect((await waitFor({})).told).toEqual([]);
  });
});
