/** The built server under a policy, and with an audit: what it lists, tells, refuses and writes down. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { creates, place, simple, variablesFor } from "../support/against-sandbox.ts";
import { runCommand } from "../support/run-command.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { startProcess } from "../support/server-process.ts";

let folder: string;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "policy-test-"));
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

let files = 0;
async function policyFile(policy: unknown): Promise<string> {
  const file = join(folder, `policy-${++files}.json`);
  await writeFile(file, JSON.stringify(policy));
  return file;
}
const rule = (more: JsonObject = {}) => ({
  name: "team",
  projects: [place.groupId],
  tools: { allow: ["read"] },
  ...more,
});
const policyOf = (...rules: JsonObject[]) => policyFile({ version: 1, rules });
const run = (args: string[], env: Record<string, string> = {}) =>
  runCommand(args, { env: { ...variablesFor(sandbox), ...env } });
const called = async (args: string[], tool: string, given: JsonObject = {}, env: Record<string, string> = {}) =>
  JSON.parse((await run([...args, "call", tool, JSON.stringify(given)], env)).stdout);

const key = (name: string) => `io.modelcontextprotocol/${name}`;
const _meta = { [key("protocolVersion")]: "2026-07-28", [key("clientCapabilities")]: {} };

describe("under a policy", () => {
  it("the list, the instructions and the prompts are of what the rule allows, in both eras", async () => {
    const file = await policyOf(
      rule({ tools: { allow: ["read", "create_stream_connection"] }, workspaces: ["dev-*"] }),
    );
    const server = startProcess({ args: ["--policy", file], env: variablesFor(sandbox) });
    const { result } = await server.initialize();
    const names = ((await server.ask("tools/list")) as { result: { tools: { name: string }[] } }).result.tools.map(
      ({ name }) => name,
    );
    expect(names).toContain("create_stream_connection");
    expect(names).toContain("list_projects");
    expect(names.filter((name) => /^(update|delete|apply|start|stop)_/.test(name))).toEqual([]);
    const { instructions } = Object(result);
    expect(instructions).toContain(
      `The policy of this server limits what you may do, by its rule "team": tools: read, create_stream_connection; projects: ${place.groupId}; workspaces: dev-*.`,
    );
    expect(instructions).not.toMatch(/apply_stream_pipeline|update_/);
    const { result: prompts } = await server.ask("prompts/list");
    expect(Object(prompts).prompts.map(({ name }: { name: string }) => name)).toEqual(["connect_source"]);
    server.child.stdin.end();
    await server.ended;

    const modern = startProcess({ args: ["--policy", file], env: variablesFor(sandbox) });
    const listed = Object((await modern.ask("tools/list", { _meta }))["result"]);
    expect(listed.tools.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(listed).toMatchObject({ cacheScope: "private", ttlMs: 60_000 });
    const discovered = Object((await modern.ask("server/discover", { _meta }))["result"]);
    expect(discovered).toMatchObject({ cacheScope: "private", ttlMs: 60_000, instructions });
    modern.child.stdin.end();
    await modern.ended;
  });

  it("calls are refused by the rule that holds, which is told", async () => {
    const file = await policyOf(rule({ name: "others", who: { groups: ["x"] } }), rule());
    const refused = await called(["--policy", file], "delete_stream_connection", {
      ...place,
      connectionName: "x",
      confirm: "x",
    });
    expect(refused).toMatchObject({ outcome: "failed", error: { kind: "forbidden", rule: "team", allowed: ["read"] } });
    expect(await called([], "list_projects", {}, { ATLAS_STREAMS_MCP_POLICY: file })).toMatchObject({ outcome: "ok" });
  });

  it("without a rule for stdio nothing is listed and everything refused", async () => {
    const file = await policyOf(rule({ who: { groups: ["x"] } }));
    const server = startProcess({ args: ["--policy", file], env: variablesFor(sandbox) });
    const { result } = await server.initialize();
    expect(Object(result).instructions).toContain("has no rule for this caller");
    expect(await server.ask("tools/list")).toMatchObject({ result: { tools: [] } });
    const answer = await server.ask("tools/call", { name: "list_projects", arguments: {} });
    expect(answer).toMatchObject({ result: { isError: true, structuredContent: { error: { kind: "forbidden" } } } });
    server.child.stdin.end();
    await server.ended;
  });

  it("--check says which rule holds and what it allows", async () => {
    const file = await policyOf(rule({ connections: { hosts: ["*.corp.example"] }, tiers: ["SP2"] }));
    const { code, stdout } = await run(["--policy", file, "--check"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Policy: ${file}, rule "team"\n  tools: read\n  projects: ${place.groupId}\n  hosts of connections: *.corp.example\n  tiers: SP2\n  so these are offered: list_projects, `,
    );
    expect(stdout).toContain("Projects: 1\n");
    const nobody = await run(["--policy", await policyOf(rule({ who: { groups: ["x"] } })), "--check"]);
    expect(nobody.code).toBe(1);
    expect(nobody.stdout).toMatch(/which has no rule for stdio \(one without `who`\): nothing is allowed/);
  });

  it("a file that is wrong ends the start with every fault; so does one that is not there", async () => {
    const file = await policyFile({ version: 1, rules: [{ name: "a", projects: ["x"], tools: { allow: ["raed"] } }] });
    const { code, stdout, stderr } = await run(["--policy", file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      `atlas-streams-mcp: ${file}: The policy cannot be used:\n` +
        "  rules[0].projects[0]: must be an id of 24 hexadecimal digits, or * for all that the credentials see\n" +
        '  rules[0].tools.allow[0]: "raed" fits no tool; did you mean read?\n',
    );
    expect(await run(["--policy", join(folder, "none.json")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^atlas-streams-mcp: The policy .*none\.json cannot be read \(ENOENT\)\n$/),
    });
  });

  it("the credentials are the rule's, and nobody reads what the file refers to", async () => {
    const secret = "policy-secret-7Qx81Zk";
    await writeFile(join(folder, "client-secret"), `${secret}\n`);
    const policy = {
      version: 1,
      credentials: { team: { clientId: "${env:TEAM_ID}", clientSecret: "${file:client-secret}" } },
      rules: [rule({ credential: "team", tools: { allow: ["*"] }, secrets: { env: ["TEAM_*", "OTHER"], dir: "." } })],
    };
    const file = await policyFile(policy);
    const env = { TEAM_ID: "mdb_sa_id_team", OTHER: secret, TEAM_KEY: "an-ordinary-secret" };
    const { stdout } = await run(["--policy", file, "--check"], env);
    expect(stdout).toContain('Credentials: service account mdb_sa_id_team, from the policy\'s credential "team"');
    const connection = (value: string) => ({
      ...place,
      connection: { name: "hook", type: "Https", url: "https://a.example", headers: { Authorization: value } },
    });
    for (const [reference, why] of [
      ["${env:TEAM_ID}", /names one of the server's own settings/],
      ["${file:client-secret}", /is one of the server's own files/],
      ["${env:OTHER}", /holds one of the server's own credentials/],
      ["${env:NOT_ALLOWED}", /secrets\.env of the policy's rule "team"/],
    ] as const) {
      const result = await called(["--policy", file], "create_stream_connection", connection(reference), env);
      expect(result.error.kind).toBe("invalid_input");
      expect(result.error.fields[0].message).toMatch(why);
      expect(JSON.stringify(result)).not.toContain(secret);
    }
    const { error } = await called(["--policy", file], "create_stream_connection", connection("${env:TEAM_KEY}"), env);
    expect(error).toMatchObject({
      kind: "unauthenticated",
      hint: "Atlas refused the service account's id or secret. A person has to correct them in the policy's credential \"team\".",
    });
  });

  it("its schema is printed, and takes what the server takes", async () => {
    const { code, stdout } = await run(["--print-policy-schema"]);
    expect(code).toBe(0);
    const validate = new Ajv({ strict: false }).compile(JSON.parse(stdout));
    expect(validate({ version: 1, rules: [rule({ who: { groups: ["a"] }, tiers: ["SP2"] })] })).toBe(true);
    expect(validate({ version: 1, rules: [{ ...rule(), tiers: ["SP7"] }] })).toBe(false);
    expect(validate({ version: 1, rules: [{ name: "a", tools: { allow: ["read"] } }] })).toBe(false);
  });
});

describe("with an audit", () => {
  const linesOf = async (file: string) =>
    (await readFile(file, "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it("writes are in the file, before and after", async () => {
    const file = join(folder, "audit.jsonl");
    const args = simple();
    expect(await called(["--audit", file], "create_stream_connection", args)).toMatchObject({ outcome: "created" });
    expect(await linesOf(file)).toMatchObject([
      { phase: "begin", tool: "create_stream_connection", name: args.connection.name },
      { phase: "end", outcome: "created" },
    ]);
  });

  it("- is stderr", async () => {
    const { stderr } = await run(["--audit", "-", "call", "create_stream_connection", JSON.stringify(simple())]);
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).phase),
    ).toEqual(["begin", "end"]);
  });

  it("a call that was cut off by the end of the process has both its lines", async () => {
    const file = join(folder, "audit-end.jsonl");
    const server = startProcess({ args: ["--audit", file], env: variablesFor(sandbox) });
    await server.initialize();
    sandbox.faults.add({ method: "POST", path: /connections$/, fault: { kind: "silence-after-acting" } });
    const before = creates(sandbox).length;
    server.request("cut", "tools/call", { name: "create_stream_connection", arguments: simple() });
    await expect.poll(() => creates(sandbox)[before]?.body).toBeDefined();
    // As the client called itself in its handshake.
    await expect.poll(() => linesOf(file)).toMatchObject([{ client: expect.any(String) }]);
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect((await linesOf(file)).map(({ phase, errorKind }) => [phase, errorKind])).toEqual([
      ["begin", undefined],
      ["end", "cancelled"],
    ]);
  });

  it.skipIf(!existsSync("/dev/full"))("a disk that is full refuses writes and lets reads go on", async () => {
    const before = creates(sandbox).length;
    expect(await called(["--audit", "/dev/full"], "create_stream_connection", simple())).toMatchObject({
      outcome: "failed",
      error: { kind: "configuration" },
    });
    expect(creates(sandbox)).toHaveLength(before);
    expect(await called(["--audit", "/dev/full"], "list_projects")).toMatchObject({ outcome: "ok" });
  });

  it("that cannot be opened ends the start", async () => {
    expect(await run(["--audit", join(folder, "none", "audit")])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^atlas-streams-mcp: The audit .* cannot be opened \(ENOENT\)\n$/),
    });
  });
});
