/** What the audit tells of calls: which lines, when, and what is in them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Audit, AuditFailure, type AuditLine, openAudit } from "../../src/audit/audit.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { JsonObject } from "../../src/json.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import type { Caller } from "../../src/policy/rule.ts";
import { serveRequest } from "../../src/protocol/requests.ts";
import { answerTo } from "../../src/sandbox/atlas.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { headOf, readBody, send } from "../../src/sandbox/http.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { whyNoSecret } from "../../src/secrets/references.ts";
import { createServices, type Services } from "../../src/services.ts";
import { runTool } from "../../src/tool/call.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import type { Result } from "../support/call-result.ts";

const { groupId } = sandboxProject;
const place = { groupId, tenantName: "clickstream" };

let folder: string;
let file: string;
let sandbox: Sandbox;
/** Lines of the file when a write arrived at Atlas. */
let atWrite: AuditLine[][];
beforeAll(async () => {
  sandbox = await startSandbox(async (incoming, response, state) => {
    const request = { ...headOf(incoming), body: await readBody(incoming) };
    if (request.method !== "GET") atWrite.push(lines());
    send(response, answerTo(request, state));
  });
  Object.assign(sandbox.state.oddities, { hiddenMs: 0, deletingMs: 0, recoveringMs: 0 });
});
afterAll(() => sandbox.close());

const open: { audit: Audit; services: Services }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-test-"));
  file = join(folder, "audit.jsonl");
  atWrite = [];
});
afterEach(async () => {
  for (const { audit, services } of open.splice(0)) await Promise.all([audit.close(), services.atlas.close()]);
  rmSync(folder, { recursive: true });
});

const lines = (): AuditLine[] =>
  (existsSync(file) ? readFileSync(file, "utf8") : "")
    .split("\n")
    .filter(Boolean)
    .map((each) => JSON.parse(each));

function audited({ rule, audit = openAudit(file) }: { rule?: JsonObject; audit?: Audit } = {}): Services {
  const policy = rule && readPolicy(JSON.stringify({ version: 1, rules: [rule] }), { tools: generatedTools, env: {} });
  const settings = readSettings({
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
    ATLAS_STREAMS_MCP_LOG: "error",
  });
  const services = createServices(settings, {}, { audit, rule: policy?.ruleFor(undefined) });
  open.push({ audit, services });
  return services;
}

async function call(services: Services, name: string, args: JsonObject, caller?: Caller): Promise<Result> {
  const tool = catalog.find((each) => each.name === name);
  if (!tool) throw new Error(`No tool ${name}`);
  const result = await runTool(tool, args, services, { signal: new AbortController().signal, caller });
  if (result instanceof PersonNeeded) throw new Error("Nobody is there to be asked");
  return result.content as Result;
}

let names = 0;
const sample = () => ({ ...place, connection: { type: "Sample", name: `audited-${++names}` } });

describe("a call that writes", () => {
  test("has a line that is there when the write arrives, and one at its end", async () => {
    const args = sample();
    const { name } = args.connection;
    const caller = { subject: "ann", groups: ["a"], client: "assistant" };
    await call(audited(), "create_stream_connection", args, caller);
    const path = `/api/atlas/v2/groups/${groupId}/streams/clickstream/connections`;
    const both = {
      requestId: expect.stringMatching(/^[0-9a-f]{8}$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      subject: "ann",
      client: "assistant",
      credential: "the environment",
      tool: "create_stream_connection",
      ...place,
      name,
      dryRun: false,
      ms: expect.any(Number),
    };
    const begin = { ...both, phase: "begin", requests: [{ method: "POST", path }] };
    expect(atWrite).toEqual([[begin]]);
    const end = { ...both, phase: "end", outcome: "created", requests: [{ method: "POST", path, status: 200 }] };
    expect(lines()).toEqual([begin, end]);
    expect(new Set(lines().map(({ requestId }) => requestId)).size).toBe(1);
  });

  test("has the two lines however many writes it takes, and all of these in the last", async () => {
    const plan = {
      groupId,
      tenantName: `audited-${++names}`,
      workspace: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
      connections: [{ type: "Sample", name: "s" }],
      dryRun: false,
    };
    expect(await call(audited(), "apply_stream_pipeline", plan)).toMatchObject({ outcome: "applied" });
    expect(atWrite.map((each) => each.length)).toEqual([1, 1]);
    expect(lines()).toMatchObject([
      { phase: "begin", tool: "apply_stream_pipeline", tenantName: plan.tenantName, requests: [{ method: "POST" }] },
      { phase: "end", outcome: "applied", requests: [{ status: 200 }, { status: 200 }] },
    ]);
  });

  test("that fails says how", async () => {
    const services = audited();
    await call(services, "create_stream_processor", {
      ...place,
      processorName: "x",
      pipeline: [{ $source: { documents: [] } }, { $merge: { into: { connectionName: "no", db: "d", coll: "c" } } }],
    });
    expect(atWrite).toEqual([]);
    const args = sample();
    await call(services, "create_stream_connection", args);
    await call(services, "create_stream_connection", {
      ...args,
      connection: { ...args.connection, type: "Https", url: "https://a.example" },
    });
    expect(lines().at(-1)).toMatchObject({
      phase: "end",
      outcome: "failed",
      errorKind: "conflict",
      requests: [{ status: 409 }],
    });
  });

  test("is of a trace where its client says so", async () => {
    const services = audited();
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traceparents = [`00-${id}-00f067aa0ba902b7-01`, `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, "nonsense", 7];
    for (const traceparent of traceparents) {
      const params = { name: "create_stream_connection", arguments: sample(), _meta: { traceparent } };
      const context = { signal: new AbortController().signal, sendProgress: () => Promise.resolve() };
      await serveRequest({ method: "tools/call", params }, services, context);
    }
    const begun = lines().filter(({ phase }) => phase === "begin");
    expect(begun.map(({ traceId }) => traceId)).toEqual([id, undefined, undefined, undefined]);
  });
});

test("what only reads, or writes nothing in the end, has no line", async () => {
  const services = audited();
  await call(services, "list_stream_connections", place);
  await call(services, "create_stream_connection", { ...sample(), dryRun: true });
  await call(services, "create_stream_connection", { ...place, connection: { type: "Nothing" } });
  await call(services, "stop_stream_processor", { ...place, processorName: "nothing" });
  expect(lines()).toEqual([]);
});

describe("a refusal by the policy", () => {
  const rule = { name: "one", projects: [groupId], workspaces: ["dev-*"], tools: { allow: ["*"], deny: ["delete"] } };

  test.each<[string, string, JsonObject, JsonObject]>([
    [
      "of a tool",
      "delete_stream_connection",
      { ...place, connectionName: "x" },
      { ...place, name: "x", dryRun: false },
    ],
    ["of a read", "list_stream_connections", place, { ...place, dryRun: false }],
    [
      "of a write",
      "create_stream_connection",
      { ...place, connection: { type: "Sample", name: "s" } },
      { ...place, name: "s", dryRun: false },
    ],
    [
      "in a dry run",
      "create_stream_connection",
      { ...place, dryRun: true, connection: { type: "Sample", name: "s" } },
      { ...place, name: "s", dryRun: true },
    ],
  ])("has one line: %s", async (_, tool, args, more) => {
    await call(audited({ rule }), tool, args);
    const told = { phase: "end", rule: "one", tool, outcome: "failed", errorKind: "forbidden", requests: [], ...more };
    expect(lines()).toEqual([expect.objectContaining(told)]);
  });

  test("of a tool repeats only what can be a name", async () => {
    const args = { groupId: { a: 1 }, tenantName: "what is this? ${env:X}", connectionName: "x".repeat(65) };
    await call(audited({ rule }), "delete_stream_connection", args);
    expect(lines()).toHaveLength(1);
    for (const field of ["groupId", "tenantName", "name"]) expect(lines()[0]).not.toHaveProperty(field);
  });
});

describe("an audit that takes no line", () => {
  const full = (): Audit => ({
    flushed: () => Promise.reject(new AuditFailure("ENOSPC")),
    written: () => {
      throw new AuditFailure("ENOSPC");
    },
    lost: 0,
    close: () => Promise.resolve(),
  });

  test("keeps writes from being sent, and lets reads go on", async () => {
    const services = audited({ audit: full() });
    const { error, summary } = await call(services, "create_stream_connection", sample());
    expect(error).toMatchObject({
      kind: "configuration",
      retryable: false,
      hint: expect.stringMatching(/^Tell a person: the audit has no room/),
    });
    expect(summary).toBe("The audit cannot be written (ENOSPC), so nothing is changed.");
    expect(atWrite).toEqual([]);
    expect(await call(services, "list_stream_connections", place)).toMatchObject({ outcome: "ok" });
  });

  test("at the end of a call stops nothing that was begun, and is told on the log", async () => {
    const told: string[] = [];
    const services = audited({ audit: { ...full(), flushed: () => Promise.resolve() } });
    services.log.listen(
      ({ level, message }) => told.push(`${level}: ${message}`),
      (level) => level === "error",
    );
    expect(await call(services, "create_stream_connection", sample())).toMatchObject({ outcome: "created" });
    expect(told).toEqual(["error: A line of the audit could not be written"]);
  });
});

test("no secret is in a line, whatever an agent writes where", async () => {
  const RARE = ["ø", "Ж", "漢", "§", "¶", "🔑"];
  const secrets = fc
    .array(fc.oneof(fc.constantFrom(...RARE), fc.constantFrom(..."abcXYZ019\"'\\%+&=/?#@:;,.<>{}$~^ ")), {
      minLength: 8,
      maxLength: 40,
    })
    .filter((characters) => characters.filter((character) => RARE.includes(character)).length > 1)
    .map((characters) => characters.join(""))
    .filter((text) => text === text.trim() && whyNoSecret(text) === undefined);
  const kept: AuditLine[] = [];
  const services = audited({
    audit: {
      flushed: async (line) => void kept.push(line),
      written: (line) => void kept.push(line),
      lost: 0,
      close: () => Promise.resolve(),
    },
  });
  await fc.assert(
    fc.asyncProperty(secrets, secrets, fc.nat(), async (password, header, at) => {
      kept.length = 0;
      const authentication = { mechanism: "PLAIN", username: "u", password };
      const name = [`plain-${++names}`, password, `x-${header}`][at % 3];
      const subject = [password, "ann"][at % 2] ?? "";
      const caller = { subject, groups: [], client: header };
      // The first call brings both secrets, from where on they are known.
      const both = [
        { type: "Https", name, url: "https://a.example", headers: { Authorization: header, "X-Key": password } },
        { type: "Kafka", name, bootstrapServers: "b.example:9092", authentication },
      ];
      for (const connection of both) await call(services, "create_stream_connection", { ...place, connection }, caller);
      await call(services, "delete_stream_connection", { ...place, connectionName: name, confirm: name }, caller);
      const text = JSON.stringify(kept);
      const forms = [password, header].flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
      ]);
      expect(forms.filter((form) => text.includes(form))).toEqual([]);
      expect(text).not.toContain(sandboxCredentials.accessToken);
    }),
    { numRuns: 60 },
  );
}, 60_000);
