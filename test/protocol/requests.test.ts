/** Requests as both eras answer them, without an SDK. */
import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { RequestError } from "../../src/protocol/messages.ts";
import { serveRequest } from "../../src/protocol/requests.ts";
import { createServices } from "../../src/services.ts";

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
