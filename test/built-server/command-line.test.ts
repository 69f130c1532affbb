/** The command line, for people and scripts. */
import { describe, expect, it } from "vitest";
import { toolsetNames } from "../../src/config/settings.ts";
import { variables } from "../../src/config/variables.ts";
import { packageVersion } from "../../src/version.ts";
import { runCommand as run } from "../support/run-command.ts";

const oneLine = (text: string | RegExp) =>
  expect.stringMatching(new RegExp(`^atlas-streams-mcp: ${text instanceof RegExp ? text.source : text}\\n$`));

describe("the command line", () => {
  it("--help names every flag and every variable", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const flag of ["--help", "--version", "--sandbox", "--read-only"]) expect(stdout).toContain(flag);
    for (const { name } of variables) expect(stdout).toContain(name);
    for (const what of ["connections", "workspaces", "processors", "pipelines", "call TOOL"])
      expect(stdout).toContain(what);
  });

  it("--help helps whatever else is asked for", async () => {
    expect(await run(["call", "--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("call TOOL") });
  });

  it("--version is the package's version and nothing else", async () => {
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${packageVersion}\n`, stderr: "" });
  });

  it("--help and --version need no usable settings", async () => {
    const env = { MONGODB_ATLAS_BASE_URL: "ftp://nowhere" };
    expect(await run(["--help"], { env })).toMatchObject({ code: 0 });
    expect(await run(["--version"], { env })).toMatchObject({ code: 0 });
  });

  it.each([
    ["--sanbox", /Unknown flag: --sanbox\. Did you mean --sandbox\? Try --help\./],
    ["--readonly", /Unknown flag: --readonly\. Did you mean --read-only\? Try --help\./],
    ["--READ-ONLY", /Unknown flag: --READ-ONLY\. Did you mean --read-only\? Try --help\./],
    ["--zzz", /Unknown flag: --zzz\. Try --help\./],
    ["-x", /Unknown flag: -x\. Try --help\./],
    ["list_projects", /Did you mean: call list_projects\? Try --help\./],
    ["--sandbox=yes", /--sandbox takes no value\./],
    ["--print-config", /--print-config needs a value: --print-config CLIENT\. Try --help\./],
    ["--toolsets=", /--toolsets needs a value: --toolsets NAMES\. Try --help\./],
    ["--toolsets=nope", new RegExp(`--toolsets is "nope"; allowed: ${toolsetNames.join(", ")}, separated by commas`)],
    ["--toolsets=,", /--toolsets is ""; allowed: connections, .*, separated by commas/],
  ])("%s ends with 2 and one line that names the nearest flag", async (flag, message) => {
    expect(await run([flag])).toEqual({ code: 2, stdout: "", stderr: oneLine(message) });
  });

  it("ends with 0 and in silence where there is nobody to serve", async () => {
    expect(await run([])).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("a variable with a bad value", () => {
  it.each([
    ["MONGODB_ATLAS_BASE_URL", "http://cloud.mongodb.com", /https.*loopback/],
    ["MONGODB_ATLAS_BASE_URL", "ftp://127.0.0.1", /https.*loopback/],
    ["MONGODB_ATLAS_BASE_URL", "https://cloud.mongodb.com/api", /without a path/],
    ["MONGODB_ATLAS_BASE_URL", "cloud.mongodb.com", /https/],
    ["MONGODB_ATLAS_PROJECT_ID", "My Project", /24 hexadecimal digits/],
    ["ATLAS_STREAMS_MCP_READ_ONLY", "yes", /true, false/],
    ["ATLAS_STREAMS_MCP_TIMEOUT_MS", "30s", /milliseconds/],
    ["ATLAS_STREAMS_MCP_CHECK_MS", "-1", /milliseconds/],
    ["ATLAS_STREAMS_MCP_READY_MS", "1e9", /milliseconds/],
    ["ATLAS_STREAMS_MCP_SCHEMA", "Flat", /union, flat/],
    ["ATLAS_STREAMS_MCP_INLINE_SECRETS", "deny", /allow, refuse/],
    ["ATLAS_STREAMS_MCP_LOG", "trace", /debug, info, warning, error/],
  ])("%s=%s is refused at start, with one line on what was given and what is allowed", async (name, value, allowed) => {
    const { code, stdout, stderr } = await run([], { env: { [name]: value } });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^atlas-streams-mcp: [^\n]*\n$/);
    expect(stderr).toContain(`${name} is ${JSON.stringify(value)}`);
    expect(stderr).toMatch(allowed);
  });

  it("that holds a password is refused without repeating it", async () => {
    const { code, stderr } = await run([], {
      env: { MONGODB_ATLAS_BASE_URL: "https://user:hunter2@cloud.mongodb.com" },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^atlas-streams-mcp: MONGODB_ATLAS_BASE_URL [^\n]*\n$/);
    expect(stderr).not.toContain("hunter2");
  });
});
