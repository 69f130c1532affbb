/** Answers that are not what the API description promises: shown or reported, never a crash. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";
import type { Fault } from "../support/sandbox.ts";

let on: ServerOnSandbox;
beforeAll(async () => {
  on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_CHECK_MS: "50" } });
});
afterEach(() => on.sandbox.faults.clear());
afterAll(() => on.close());

type Answer = Omit<Extract<Fault, { kind: "answer" }>, "kind">;
function createAnswered(answer: Answer, args = simple()) {
  on.sandbox.faults.add({ method: "POST", fault: { kind: "answer", ...answer } });
  return on.server.create(args);
}

const page = (words: string) =>
  `<!DOCTYPE html><html><head><title>${words}</title><style>b{color:red}</style></head>
   <body><script>alert("x")</script><h1>${words}</h1><p>${"Please try later. ".repeat(500)}</p></body></html>`;

describe("a proxy's HTML page", () => {
  it.each([
    [400, "bad_request"],
    [401, "unauthenticated"],
    [403, "forbidden"],
    [409, "conflict"],
    [502, "atlas_error"],
    [504, "atlas_error"],
  ])("with status %i is an error of the kind %s with a short excerpt", async (status, kind) => {
    const { error } = await createAnswered({ status, contentType: "text/html", body: page("Bad Gateway") });
    expect(error).toMatchObject({ kind, status, retryable: status >= 500 });
    expect(error?.detail).toMatch(/^Bad Gateway Bad Gateway Please try later/);
    expect(error?.detail?.length).toBeLessThanOrEqual(200);
    expect(error?.detail).not.toMatch(/[<>]|alert|color/);
  });

  it("with status 502 in front of a create that went through is no failure", async () => {
    const result = await createAnswered({
      status: 502,
      contentType: "text/html",
      body: page("Bad Gateway"),
      act: true,
    });
    expect(result).toMatchObject({ isError: false, outcome: "created", warnings: [expect.stringContaining("502")] });
  });

  it("with status 200 in front of a create that went through is no failure", async () => {
    const result = await createAnswered({ status: 200, contentType: "text/html", body: page("Welcome"), act: true });
    expect(result).toMatchObject({ isError: false, outcome: "created", warnings: [expect.any(String)] });
  });

  it("with status 200 in front of nothing is an error", async () => {
    const { error } = await createAnswered({ status: 200, contentType: "text/html", body: page("Welcome") });
    expect(error).toMatchObject({ kind: "atlas_error", status: 200, retryable: true });
  });
});

describe("an error body that is not Atlas's", () => {
  it.each([
    ["empty", { body: "" }],
    ["plain text", { body: "no healthy upstream" }],
    ["broken JSON", { body: '{"error": 403, "detail', contentType: "application/json" }],
    ["a JSON array", { body: [1, 2] }],
    ["a JSON string", { body: '"no"', contentType: "application/json" }],
    ["JSON null", { body: "null", contentType: "application/json" }],
    [
      "members of the wrong types",
      { body: { detail: 1, reason: {}, errorCode: [], parameters: "p", badRequestDetail: 1 } },
    ],
    ["fields of the wrong types", { body: { badRequestDetail: { fields: [null, 1, {}, { field: 3 }] } } }],
  ])("(%s) is an error of the right kind", async (_, answer) => {
    const result = await createAnswered({ status: 403, ...answer });
    expect(result).toMatchObject({ isError: true, outcome: "failed", error: { kind: "forbidden", status: 403 } });
  });
});

describe("an answer that does not look like the connection", () => {
  it.each([
    ["the bare words of a sample", { id: "string", name: "string", type: "string", region: "string", links: [{}] }],
    ["a missing type", { name: "x", state: "READY" }],
    ["a missing name", { type: "Sample", id: "32b6e34b3d91647abb20e7b8" }],
    ["nothing but a state", { state: "PENDING" }],
    [
      "fields of other types",
      { name: 1, type: null, state: 7, networking: "PUBLIC", authentication: [{ password: 5 }] },
    ],
    ["a type of tomorrow", { name: "x", type: "Quantum", state: "ENTANGLED", quantum: { spin: "up" } }],
  ])("(%s) is shown and not validated away", async (_, body) => {
    const { links, ...shown } = { links: undefined, ...body };
    const result = await createAnswered({ status: 200, body });
    expect(result).toMatchObject({ isError: false, outcome: "created" });
    expect(result.connection).toEqual(shown);
  });

  it("(with none of its fields) is no answer, so Atlas is asked what became of the create", async () => {
    const login = { status: 200, body: { error: "login_required" } };
    expect(await createAnswered({ ...login, act: true })).toMatchObject({
      outcome: "created",
      connection: { state: "READY" },
      warnings: [expect.stringContaining("200")],
    });
    expect(await createAnswered(login)).toMatchObject({ error: { kind: "atlas_error", status: 200, retryable: true } });
  });

  it("counts as created with a status of 201 too", async () => {
    expect(await createAnswered({ status: 201, body: { name: "x" } })).toMatchObject({ outcome: "created" });
  });

  it("is compared with what was asked where the name is taken", async () => {
    const args = simple();
    on.sandbox.faults.add({ method: "POST", fault: { kind: "answer", status: 409, body: {} } });
    on.sandbox.faults.add({
      method: "GET",
      fault: { kind: "answer", status: 200, body: { name: args.connection.name, type: "string" } },
    });
    const { error } = await on.server.create(args);
    expect(error).toMatchObject({ kind: "conflict", fields: [{ path: "connection.type" }] });
  });
});
