/** What a client did not fill in, and credentials in each other's place: said by every way to start the server, never shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { simple } from "../support/against-sandbox.ts";
import { resultOfCall } from "../support/call-result.ts";
import { runCommand } from "../support/run-command.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { credentialVariables, startServer } from "../support/server.ts";

const { "service account": account, "access token": token } = credentialVariables;
const { MONGODB_ATLAS_PUBLIC_KEY: publicKey, MONGODB_ATLAS_PRIVATE_KEY: privateKey } = credentialVariables["API key"];
const { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret } = account;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

interface Case {
  name: string;
  env: Record<string, string>;
  /** What every way has to say. */
  says: RegExp;
  /** What none of them may show. */
  hidden: string[];
}

const unfilled = (name: string, value: string, rest: Record<string, string> = {}): Case => ({
  name: `${name}=${value}`,
  env: { ...rest, [name]: value },
  says: new RegExp(`${name} .*the client did not fill this in`),
  hidden: [value],
});

const cases: Case[] = [
  unfilled("MONGODB_ATLAS_CLIENT_ID", "${input:atlas-id}", account),
  unfilled("MONGODB_ATLAS_CLIENT_SECRET", "mdb_sa_sk_…", account),
  unfilled("MONGODB_ATLAS_ACCESS_TOKEN", "$MONGODB_ATLAS_ACCESS_TOKEN"),
  unfilled("MONGODB_ATLAS_PRIVATE_KEY", "<private key>", { MONGODB_ATLAS_PUBLIC_KEY: "abcdefgh" }),
  unfilled("MONGODB_ATLAS_PROJECT_ID", "${PROJECT}", token),
  unfilled("ATLAS_STREAMS_MCP_TENANT", "${input:workspace}", token),
  {
    name: "a client ID and a client secret that are exchanged",
    env: { MONGODB_ATLAS_CLIENT_ID: clientSecret, MONGODB_ATLAS_CLIENT_SECRET: clientId },
    says: /MONGODB_ATLAS_CLIENT_ID begins with mdb_sa_sk_.*exchanged/,
    hidden: [clientId, clientSecret],
  },
  {
    name: "a public key and a private key that are exchanged",
    env: { MONGODB_ATLAS_PUBLIC_KEY: privateKey, MONGODB_ATLAS_PRIVATE_KEY: publicKey },
    says: /MONGODB_ATLAS_PUBLIC_KEY has the form of a private key.*exchanged/,
    hidden: [publicKey, privateKey],
  },
];

describe.each(cases)("$name", ({ env, says, hidden }) => {
  const variables = () => ({ ...env, MONGODB_ATLAS_BASE_URL: sandbox.url });
  const expectHidden = (...texts: string[]) => {
    for (const value of hidden) expect(texts.join("\n")).not.toContain(value);
  };

  it("is a configuration error of each call over stdio, and the tools are listed all the same", async () => {
    sandbox.requests.length = 0;
    const server = await startServer(variables());
    expect((await server.client.listTools()).tools.length).toBeGreaterThan(0);
    const calls: [string, Record<string, unknown>][] = [
      ["list_projects", {}],
      ["create_stream_connection", simple()],
      ["list_stream_connections", { groupId: sandboxProject.groupId, tenantName: "orders" }],
    ];
    for (const [name, args] of calls) {
      const result = resultOfCall(await server.client.callTool({ name, arguments: args }));
      expect(result).toMatchObject({ isError: true, error: { kind: "configuration", retryable: false } });
      expect(result.summary).toMatch(says);
      expectHidden(JSON.stringify(result));
    }
    expectHidden(server.stderr());
    await server.close();
    expect(sandbox.requests).toEqual([]);
  });

  it("is one of `call`", async () => {
    const { code, stdout, stderr } = await runCommand(["call", "list_projects"], { env: variables() });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { kind: "configuration" },
      summary: expect.stringMatching(says),
    });
    expectHidden(stdout, stderr);
  });

  it("is told by --check", async () => {
    const { code, stdout, stderr } = await runCommand(["--check"], { env: variables() });
    expect(code).toBe(1);
    expect(stdout).toMatch(says);
    expectHidden(stdout, stderr);
  });

  it("is no matter to the sandbox, which has credentials of its own", async () => {
    expect((await runCommand(["--sandbox", "call", "list_projects"], { env })).code).toBe(0);
  });
});

it.each([
  ["MONGODB_ATLAS_PROJECT_ID", "${PROJECT}", {}],
  ["ATLAS_STREAMS_MCP_TENANT", "<workspace>", { groupId: sandboxProject.groupId }],
])("%s=%s is a configuration error also where a call leaves its argument out", async (name, value, args) => {
  const env = { ...token, MONGODB_ATLAS_BASE_URL: sandbox.url, [name]: value };
  const { stdout } = await runCommand(["call", "list_stream_connections", JSON.stringify(args)], { env });
  expect(JSON.parse(stdout)).toMatchObject({
    error: { kind: "configuration" },
    summary: expect.stringMatching(new RegExp(`${name} .*the client did not fill this in`)),
  });
});

it("no reference reads a secret that stands in the place of the client ID", async () => {
  const env = {
    MONGODB_ATLAS_CLIENT_ID: clientSecret,
    MONGODB_ATLAS_CLIENT_SECRET: clientId,
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    ATLAS_STREAMS_SECRET_OWN: clientSecret,
  };
  const connection = {
    name: "own",
    type: "Https",
    url: "https://a.example.com",
    headers: { "X-Key": "${env:ATLAS_STREAMS_SECRET_OWN}" },
  };
  const { stdout } = await runCommand(
    ["call", "create_stream_connection", JSON.stringify({ ...simple(), connection, dryRun: true })],
    { env },
  );
  expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "invalid_input" } });
  expect(stdout).not.toContain(clientSecret);
});
