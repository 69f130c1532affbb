/** The commands that people and scripts run instead of a client: `call`, `--check`, `--print-config`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientConfigurations } from "../../src/cli/print-config.ts";
import { creates, place, simple, variablesFor } from "../support/against-sandbox.ts";
import { runCommand } from "../support/run-command.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { credentialKinds, credentialVariables, serverPath } from "../support/server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const run = (args: string[], { env = variablesFor(sandbox), ...more }: Parameters<typeof runCommand>[1] = {}) =>
  runCommand(args, { env, ...more });

describe("call", () => {
  const tool = "create_stream_connection";

  it("prints the result and ends with 0", async () => {
    const args = simple();
    const { code, stdout, stderr } = await run(["call", tool, JSON.stringify(args)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "created", connection: { name: args.connection.name } });
  });

  it("takes the arguments from stdin, where no list of processes shows them", async () => {
    const args = simple();
    const { code } = await run(["call", tool, "-"], { input: JSON.stringify(args) });
    expect(code).toBe(0);
    expect(creates(sandbox).at(-1)?.body).toEqual(args.connection);
  });

  it("ends with 1 where the result is a failure", async () => {
    const { code, stdout } = await run(["call", tool, JSON.stringify({ ...place })]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "failed", error: { kind: "invalid_input" } });
  });

  it("needs no arguments where the tool needs none", async () => {
    const { code, stdout } = await run(["call", "list_projects"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "ok" });
  });

  it.each([
    [["call", "create_stream_conection"], /did you mean create_stream_connection\?/],
    [["call", tool, "{"], /^atlas-streams-mcp: The arguments of `call` are not valid JSON\.\n$/],
    [["call", tool, "[]"], /^atlas-streams-mcp: The arguments of `call` must be a JSON object\.\n$/],
    [["--read-only", "call", tool, "{}"], /read-only mode/],
    [["call"], /^atlas-streams-mcp: `call` needs the name of a tool\.\n$/],
    [["call", tool, "{}", "{}"], /^atlas-streams-mcp: `call` takes a single JSON argument; put it in quotes\.\n$/],
  ])("%j ends with 2 and says why", async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

describe("--check", () => {
  it.each(credentialKinds)("shows what %s can see, and ends with 0", async (kind) => {
    const { code, stdout, stderr } = await run(["--check"], { env: variablesFor(sandbox, kind) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Credentials: .*, from the environment$/m);
    expect(stdout).toMatch(/^Projects: 2$/m);
    expect(stdout).toContain(`(${place.groupId}): workspaces `);
    for (const [name, secret] of Object.entries(credentialVariables[kind]))
      if (/SECRET|TOKEN|PRIVATE/.test(name)) expect(stdout).not.toContain(secret);
  });

  it.each([
    ["wrong credentials", { MONGODB_ATLAS_ACCESS_TOKEN: "wrong" }, /refused the configured credentials/],
    [
      "a wrong client secret",
      { ...credentialVariables["service account"], MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_wrong" },
      /Correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/,
    ],
    ["no credentials", {}, /^Credentials: none$/m],
  ])("ends with 1 for %s, and says what to do", async (_, env, words) => {
    const { code, stdout } = await run(["--check"], { env: { MONGODB_ATLAS_BASE_URL: sandbox.url, ...env } });
    expect(code).toBe(1);
    expect(stdout).toMatch(words);
  });

  it("tries the sandbox with --sandbox", async () => {
    expect(await run(["--sandbox", "--check"], { env: {} })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/from the sandbox/),
    });
  });
});

describe("--print-config", () => {
  it.each(Object.entries(clientConfigurations()))(
    "%s is ready to paste",
    async (name, { language, text: expected }) => {
      const { code, stdout, stderr } = await run(["--print-config", name], { env: {} });
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${expected}\n`, stderr: "" });
      if (language === "json") expect(JSON.stringify(JSON.parse(stdout))).toContain('"command":"npx"');
      if (language === "sh") expect(stdout).toMatch(/^claude mcp add atlas-streams .* -- npx -y atlas-streams-mcp\n$/);
    },
  );

  it.each(Object.keys(clientConfigurations()))("%s for the sandbox needs no credentials", async (name) => {
    const { code, stdout, stderr } = await run(["--sandbox", "--print-config", name], { env: {} });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toMatch(/MONGODB_ATLAS|input:|env/);
    expect(stdout).toMatch(/atlas-streams-mcp("?,?\s+"?)--sandbox/);
  });

  it("starts the server that a clone has built", async () => {
    const { stdout } = await run(["--print-config", "cursor", "--sandbox", "--clone"], { env: {} });
    const { command, args } = JSON.parse(stdout).mcpServers["atlas-streams"];
    expect({ command, args }).toEqual({ command: "node", args: [serverPath, "--sandbox"] });
    expect((await run([...args.slice(1), "call", "list_projects"], { env: {} })).code).toBe(0);
  });

  it.each([
    [["--windows"], "cmd", ["/c", "npx", "-y", "atlas-streams-mcp"]],
    [["--windows", "--clone"], "node", [serverPath]],
  ])("%j prints the form that starts on Windows", async (flags, command, args) => {
    const { stdout } = await run(["--print-config", "cline", ...flags], { env: {} });
    expect(JSON.parse(stdout).mcpServers["atlas-streams"]).toMatchObject({ command, args });
  });

  it.each(["--windows", "--clone"])("%s is for nothing else", async (flag) => {
    const { code, stderr } = await run([flag, "--check"], { env: {} });
    expect(code).toBe(2);
    expect(stderr).toBe(`atlas-streams-mcp: ${flag} belongs to --print-config CLIENT.\n`);
  });

  it("quotes the path of a clone in a command for a shell", () => {
    const { text } = clientConfigurations({ clone: "/it's here/server.js", sandbox: true })["claude-code"] ?? {};
    expect(text).toBe("claude mcp add atlas-streams -- node '/it'\\''s here/server.js' --sandbox");
  });

  it("names the clients it knows", async () => {
    const { code, stderr } = await run(["--print-config", "cursr"], { env: {} });
    expect(code).toBe(2);
    expect(stderr).toMatch(/does not know the client "cursr"\. Did you mean cursor\?/);
    expect(stderr).toMatch(/claude-desktop, claude-code, vscode, cursor.*jetbrains/);
  });

  it.each([
    ["claude", "claude-desktop"],
    ["clade", "claude-desktop"],
    ["Claude Code", "claude-code"],
    ["vs-code", "vscode"],
    ["gemini", "gemini-cli"],
  ])("takes %s for %s, and asks", async (given, meant) => {
    const { code, stderr } = await run(["--print-config", given], { env: {} });
    expect(code).toBe(2);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });

  it("knows no client by the name of something that every object has", async () => {
    const { code, stdout, stderr } = await run(["--print-config", "constructor"], { env: {} });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/does not know the client "constructor"/);
  });
});
