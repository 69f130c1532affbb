/** The error samples of the API description, told to the agent as they are. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { creates, type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";
import { at, openapi } from "../support/shared-atlas.ts";

const kinds: Record<number, { kind: string; retryable: boolean }> = {
  400: { kind: "bad_request", retryable: false },
  401: { kind: "unauthenticated", retryable: false },
  403: { kind: "forbidden", retryable: false },
  404: { kind: "not_found", retryable: false },
  409: { kind: "conflict", retryable: false },
  429: { kind: "rate_limited", retryable: true },
  500: { kind: "atlas_error", retryable: true },
};

/** The shape of a documented error, for where the API description is not at hand. */
const madeUp = Object.keys(kinds).map((status) => ({
  error: Number(status),
  reason: "A reason",
  errorCode: "AN_ERROR_CODE",
  detail: "(This stands for a documented sample)",
}));
const responses = at(openapi, "components", "responses");
const documented = Object.values(isObject(responses) ? responses : {})
  .map((response) => at(response, "content", "application/json", "example"))
  .filter(isObject);
const samples: JsonObject[] = documented.length > 0 ? documented : madeUp;

let on: ServerOnSandbox;
beforeAll(async () => {
  on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_CHECK_MS: "50" } });
});
afterEach(() => on.sandbox.faults.clear());
afterAll(() => on.close());

/** What the agent is told when the create is answered with this status and body. */
async function told(status: number, body: JsonObject, args: JsonObject = {}) {
  // Without it a 429 is tried again for a while.
  const headers: Record<string, string> = [body["error"], body["status"]].includes(429) ? { "retry-after": "60" } : {};
  on.sandbox.faults.add({ method: "POST", times: 5, fault: { kind: "answer", status, headers, body } });
  const before = creates(on.sandbox).length;
  const result = await on.server.create({ ...simple(), ...args });
  expect(creates(on.sandbox)).toHaveLength(before + 1);
  return result;
}

describe("a documented error", () => {
  it("is there for every status that a create can be answered with", () => {
    expect(samples.map(({ error }) => String(error)).sort()).toEqual(Object.keys(kinds).sort());
  });

  it.each(samples)("keeps the words of $error $errorCode", async (sample) => {
    const { error: status, errorCode, detail, reason } = sample;
    const result = await told(Number(status), sample);
    expect(result).toMatchObject({
      isError: true,
      outcome: "failed",
      error: { ...kinds[Number(status)], status, errorCode, detail, reason, hint: expect.stringMatching(/\S/) },
    });
  });

  it.each(samples)("keeps the words of $error $errorCode in an envelope", async (sample) => {
    const { error: status, errorCode, detail, reason } = sample;
    const result = await told(200, { status, content: sample }, { envelope: true });
    expect(result).toMatchObject({
      isError: true,
      error: { ...kinds[Number(status)], status, errorCode, detail, reason },
    });
  });
});
