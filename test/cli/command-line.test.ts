/** What flags of `serve` come to. */
import { expect, test } from "vitest";
import { readCommandLine } from "../../src/cli/command-line.ts";

test("a flag of serve stands for its variable", () => {
  const { serve, variables } = readCommandLine(["serve", "--listen", "127.0.0.1:1", "--issuer=https://login.example"]);
  expect([serve, variables]).toEqual([
    true,
    { ATLAS_STREAMS_MCP_LISTEN: "127.0.0.1:1", ATLAS_STREAMS_MCP_ISSUER: "https://login.example" },
  ]);
});

test("one that takes a list may be given again and again, any other once", () => {
  const { variables } = readCommandLine(["serve", "--audience", "a", "--audience", "b,c", "--scopes", "read=r"]);
  expect(variables).toEqual({ ATLAS_STREAMS_MCP_AUDIENCE: "a,b,c", ATLAS_STREAMS_MCP_SCOPES: "read=r" });
  expect(() => readCommandLine(["serve", "--issuer", "a", "--issuer", "b"])).toThrow(
    "--issuer is given more than once.",
  );
});

test("no other command takes one", () => {
  for (const args of [
    ["--listen", "127.0.0.1:1"],
    ["call", "list_projects", "--listen", "127.0.0.1:1"],
  ])
    expect(() => readCommandLine(args)).toThrow("--listen belongs to serve.");
});
