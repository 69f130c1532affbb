import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ErrorFacts, ErrorKind } from "../../src/tool/result.ts";
import { creates, freshName, place, type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";
import { type FaultRule, startSandbox } from "../support/sandbox.ts";
import { startServer } from "../support/server.ts";

/** How a kind of error comes about, and what the agent is told. */
interface Scenario {
  what: string;
  /** Default: a create that only Atlas can refuse. */
  args?: Record<string, unknown>;
  faults?: FaultRule[];
  error: Partial<ErrorFacts>;
  hint: RegExp;
  /** Creates that reach Atlas; default 1. */
  sent?: number;
}

/** An error of Atlas with every part that its description knows. */
const atlasError = (status: number, errorCode: string) => ({
  error: status,
  reason: `reason of ${status}`,
  errorCode,
  detail: `Detail of ${status}: "quoted" & <marked>`,
  parameters: ["a parameter", 7, { nested: true }],
});
const said = (status: number, errorCode: string) => {
  const { error, ...facts } = atlasError(status, errorCode);
  return { status: error, ...facts };
};
const answered = (status: number, errorCode: string, headers: Record<string, string> = {}): FaultRule => ({
  method: "POST",
  times: 10,
  fault: { kind: "answer", status, headers, body: atlasError(status, errorCode) },
});
const afterCreate = (fault: FaultRule["fault"]): FaultRule => ({ method: "POST", times: 10, fault });

/** `configuration` needs a server of its own, below; to a call that was cancelled nothing is answered. */
const scenarios: Record<Exclude<ErrorKind, "configuration" | "cancelled">, Scenario[]> = {
  invalid_input: [
    {
      what: "arguments that cannot be used",
      args: { ...place, connection: { name: "x", type: "S3", aws: {} } },
      error: { fields: [{ path: "connection.aws.roleArn", message: expect.stringContaining("required") }] },
      hint: /nothing was sent/,
      sent: 0,
    },
  ],
  bad_request: [
    { what: "Atlas's 400", faults: [answered(400, "SOME_CODE")], error: said(400, "SOME_CODE"), hint: /Correct what/ },
    {
      what: "Atlas's 400 that names fields",
      faults: [
        afterCreate({
          kind: "answer",
          status: 400,
          body: {
            ...atlasError(400, "SOME_CODE"),
            badRequestDetail: { fields: [{ field: "aws.roleArn", description: "is unknown to Atlas" }] },
          },
        }),
      ],
      error: {
        ...said(400, "SOME_CODE"),
        fields: [{ path: "connection.aws.roleArn", message: "is unknown to Atlas" }],
      },
      hint: /`fields`/,
    },
  ],
  unauthenticated: [
    { what: "Atlas's 401", faults: [answered(401, "SOME_CODE")], error: said(401, "SOME_CODE"), hint: /credentials/ },
  ],
  forbidden: [
    {
      what: "Atlas's 403",
      faults: [answered(403, "SOME_CODE")],
      error: said(403, "SOME_CODE"),
      hint: /Project Stream Processing Manager.*Project Stream Processing Owner.*Project Owner/,
    },
  ],
  not_found: [
    {
      what: "a project that is not there",
      args: { ...simple(), groupId: "0123456789abcdef01234567" },
      error: {
        status: 404,
        errorCode: "GROUP_NOT_FOUND",
        parameters: ["0123456789abcdef01234567"],
        fields: [{ path: "groupId", message: expect.stringContaining("0123456789abcdef01234567") }],
      },
      hint: /groupId/,
    },
    {
      what: "a workspace that is not there",
      args: { ...simple(), tenantName: "clickstreams" },
      error: {
        status: 404,
        errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME",
        parameters: ["clickstreams"],
        fields: [{ path: "tenantName", message: expect.stringContaining('did you mean "clickstream"') }],
      },
      hint: /tenantName.*clickstream/,
    },
  ],
  conflict: [
    { what: "Atlas's 409", faults: [answered(409, "SOME_CODE")], error: said(409, "SOME_CODE"), hint: /another name/ },
  ],
  rate_limited: [
    {
      what: "Atlas's 429 that asks for a long wait",
      faults: [answered(429, "SOME_CODE", { "retry-after": "120" })],
      error: { ...said(429, "SOME_CODE"), retryable: true, retryAfterSeconds: 120 },
      hint: /retryAfterSeconds/,
    },
  ],
  atlas_error: [
    {
      what: "Atlas's 500",
      faults: [answered(500, "SOME_CODE")],
      error: { ...said(500, "SOME_CODE"), retryable: true },
      hint: /As far as Atlas shows, no connection was created/,
    },
    {
      what: "Atlas's 503 that asks for a long wait",
      faults: [answered(503, "SOME_CODE", { "retry-after": "120" })],
      error: { ...said(503, "SOME_CODE"), retryable: true, retryAfterSeconds: 120 },
      hint: /As far as Atlas shows, no connection was created/,
    },
    {
      what: "a status that Atlas does not document",
      faults: [answered(418, "SOME_CODE")],
      error: said(418, "SOME_CODE"),
      hint: /person/,
    },
  ],
  network: [
    {
      what: "a connection that is reset",
      faults: [afterCreate({ kind: "reset-after-read" })],
      error: { retryable: true },
      hint: /safe/,
    },
  ],
  timeout: [
    {
      what: "an answer that does not come",
      faults: [afterCreate({ kind: "silence-before-acting" })],
      error: { retryable: true },
      hint: /safe/,
    },
  ],
  unknown_outcome: [
    {
      what: "a write whose outcome cannot be read",
      faults: [
        afterCreate({ kind: "reset-after-acting" }),
        { method: "GET", times: 10, fault: { kind: "answer", status: 403, body: atlasError(403, "SOME_CODE") } },
      ],
      error: { retryable: true },
      hint: /never a second connection/,
    },
  ],
};

describe("through the built server, the error kind", () => {
  let on: ServerOnSandbox;
  beforeAll(async () => {
    on = await startOnSandbox({
      env: { ATLAS_STREAMS_MCP_TIMEOUT_MS: "1000", ATLAS_STREAMS_MCP_CHECK_MS: "50" },
      // What is new can be read at once: the moment in which it cannot is not what these tests are about.
      sandbox: { oddities: { hiddenMs: 0 } },
    });
  });
  afterEach(() => {
    on.sandbox.faults.clear();
    on.sandbox.requests.length = 0;
  });
  afterAll(() => on.close());

  const rows = Object.entries(scenarios).flatMap(([kind, each]) => each.map((scenario) => ({ kind, ...scenario })));
  it.each(rows)("$kind stands for $what", async ({ kind, args, faults = [], error, hint, sent = 1 }) => {
    for (const fault of faults) on.sandbox.faults.add(fault);
    const result = await on.server.create(args ?? simple());
    expect(result).toMatchObject({ isError: true, outcome: "failed", error: { retryable: false, ...error, kind } });
    expect(result.summary).toMatch(/^\S.*[.!]$/);
    expect(result.error?.hint).toMatch(hint);
    expect(creates(on.sandbox)).toHaveLength(sent);
  });

  it("adds nothing to what Atlas did not say", async () => {
    on.sandbox.faults.add({ method: "POST", fault: { kind: "answer", status: 403, body: {} } });
    const { error } = await on.server.create(simple());
    expect(error).toMatchObject({ kind: "forbidden", status: 403, retryable: false });
    for (const fact of ["errorCode", "detail", "reason", "parameters", "fields", "retryAfterSeconds"])
      expect(error).not.toHaveProperty(fact);
  });

  it("conflict names the existing connection and how it differs from what was asked", async () => {
    const name = freshName();
    await on.server.create({ ...place, connection: { name, type: "Https", url: "https://one.example.com" } });
    const result = await on.server.create({
      ...place,
      connection: { name, type: "Https", url: "https://two.example.com" },
    });
    expect(result).toMatchObject({
      outcome: "failed",
      connection: { name, type: "Https", url: "https://one.example.com", state: "READY" },
      project: place,
      error: {
        kind: "conflict",
        status: 409,
        errorCode: "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
        parameters: [name],
        fields: [
          {
            path: "connection.url",
            message: expect.stringMatching(/https:\/\/one\.example\.com.*https:\/\/two\.example\.com/),
          },
        ],
        retryable: false,
      },
    });
  });
});

describe("the error kind configuration", () => {
  it("names every variable that would do, after the tools were listed all the same", async () => {
    const sandbox = await startSandbox();
    const server = await startServer({ MONGODB_ATLAS_BASE_URL: sandbox.url });
    expect((await server.client.listTools()).tools.map(({ name }) => name)).toContain("create_stream_connection");
    const { error, summary, isError } = await server.create(simple());
    expect({ isError, kind: error?.kind, retryable: error?.retryable }).toEqual({
      isError: true,
      kind: "configuration",
      retryable: false,
    });
    for (const variable of ["CLIENT_ID", "CLIENT_SECRET", "ACCESS_TOKEN", "PUBLIC_KEY", "PRIVATE_KEY"])
      expect(summary).toContain(`MONGODB_ATLAS_${variable}`);
    expect(error?.hint).toMatch(/person/);
    expect(sandbox.requests).toEqual([]);
    await Promise.all([server.close(), sandbox.close()]);
  });
});
