/** What `serve` is told: what it refuses to start with, above all what would let anybody in. */
import { describe, expect, test } from "vitest";
import { SettingsError } from "../../src/config/settings.ts";
import { serveVariables } from "../../src/config/variables.ts";
import { readServeSettings } from "../../src/http-server/settings.ts";

const read = (settings: Record<string, string> = {}, hasPolicy = false) =>
  readServeSettings(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [`ATLAS_STREAMS_MCP_${name}`, value])),
    hasPolicy,
  );

const complete = { LISTEN: "0.0.0.0:8080", ISSUER: "https://login.example", PUBLIC_URL: "https://mcp.example/mcp" };

test("every variable is named once and explained, and the stated defaults are the ones in force", () => {
  expect(new Set(serveVariables.map(({ name }) => name)).size).toBe(serveVariables.length);
  const stated = Object.fromEntries(
    serveVariables.flatMap((variable) => ("default" in variable ? [[variable.name, variable.default]] : [])),
  );
  expect(readServeSettings(stated, false)).toEqual(read());
});

test("alone it is for this machine", () => {
  expect(read()).toEqual({
    listen: { host: "127.0.0.1", port: 8080 },
    opsListen: { host: "127.0.0.1", port: 9464 },
    allowedOrigins: [],
    callsPerMinute: 600,
    concurrent: 20,
  });
});

describe("beyond loopback it listens only", () => {
  test("with an issuer, a public URL and a policy", () => {
    expect(read(complete, true)).toMatchObject({
      listen: { host: "0.0.0.0" },
      issuer: {
        issuer: "https://login.example",
        audiences: ["https://mcp.example/mcp"],
        groupsClaim: "groups",
        scopes: {},
      },
    });
  });

  test.each([
    ["without an issuer", { ISSUER: "" }, true, "ISSUER"],
    ["without a public URL", { PUBLIC_URL: "" }, true, "PUBLIC_URL"],
    ["without a policy", {}, false, "POLICY"],
    ["at a name", { LISTEN: "host.example:80", ISSUER: "" }, true, "ISSUER"],
    ["at every address of IPv6", { LISTEN: "[::]:80" }, false, "POLICY"],
  ])("not %s", (_, changes, hasPolicy, name) => {
    expect(() => read({ ...complete, ...changes }, hasPolicy)).toThrow(new RegExp(`set .*ATLAS_STREAMS_MCP_${name}`));
  });

  test.each(["127.0.0.1:0", "127.3.2.1:80", "localhost:8080", "[::1]:8080"])("%s is loopback", (address) => {
    expect(read({ LISTEN: address })).toMatchObject({ listen: { port: expect.any(Number) } });
  });
});

test("a policy needs an issuer, who says who calls", () => {
  expect(() => read({}, true)).toThrow(SettingsError);
});

test.each([
  ["LISTEN", "8080"],
  ["LISTEN", "127.0.0.1"],
  ["LISTEN", "127.0.0.1:70000"],
  ["LISTEN", "http://127.0.0.1:8080"],
  ["LISTEN", "::1:8080"],
  ["OPS_LISTEN", "x"],
  ["PUBLIC_URL", "http://mcp.example/mcp"],
  ["PUBLIC_URL", "mcp.example"],
  ["PUBLIC_URL", "https://user:word@mcp.example/mcp"],
  ["PUBLIC_URL", "https://mcp.example/mcp?a=b"],
  ["PUBLIC_URL", "https://mcp.example/.well-known/mcp"],
  ["ISSUER", "http://login.example"],
  ["ISSUER", "login.example"],
  ["ALLOWED_ORIGINS", "app.example"],
  ["ALLOWED_ORIGINS", "https://app.example/path"],
  ["CALLS_PER_MINUTE", "0"],
  ["CONCURRENT", "many"],
  ["SCOPES", "read=a"],
  ["AUDIENCE", "https://mcp.example"],
])("%s=%s is refused", (name, value) => {
  expect(() => read({ [name]: value })).toThrow(/ATLAS_STREAMS_MCP_/);
});

describe("with an issuer", () => {
  const issuer = (more: Record<string, string>) => read({ ISSUER: "https://login.example/", ...more }).issuer;

  test("it is compared as it was given", () => {
    expect(issuer({})?.issuer).toBe("https://login.example/");
  });

  test("audiences are those that are named, or the address", () => {
    expect(issuer({ AUDIENCE: "api://a, b" })?.audiences).toEqual(["api://a", "b"]);
    expect(issuer({})?.audiences).toEqual(["http://127.0.0.1:8080/mcp"]);
  });

  test.each([
    ["read=a,write=b,delete=c", { read: "a", write: "b", delete: "c" }],
    ["read=a,write=b", { read: "a", write: "b", delete: "b" }],
    ["read=api://x/A.Read", { read: "api://x/A.Read", write: "api://x/A.Read", delete: "api://x/A.Read" }],
    ["write=b", { write: "b", delete: "b" }],
  ])("scopes %s: what is left out needs what the class before it needs", (given, scopes) => {
    expect(issuer({ SCOPES: given })?.scopes).toEqual(scopes);
  });

  test.each(["reads=a", "read", "read=", "read=a,read=b", 'read="a"', "read=a b"])("scopes %s are refused", (given) => {
    expect(() => issuer({ SCOPES: given })).toThrow(/ATLAS_STREAMS_MCP_SCOPES/);
  });

  test("an address that nobody can know is refused", () => {
    expect(() => issuer({ LISTEN: "127.0.0.1:0" })).toThrow(/PUBLIC_URL/);
  });
});
