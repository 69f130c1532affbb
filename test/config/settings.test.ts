import { describe, expect, test } from "vitest";
import { credentialSecrets, isLoopback, readSettings, SettingsError } from "../../src/config/settings.ts";

/** The message of the refusal of these variables. */
function refusal(env: Record<string, string>): string {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(env)} was taken`);
}

const credentialsOf = (env: Record<string, string>) => readSettings(env).credentials;

const serviceAccount = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1", MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_1" };
const accessToken = { MONGODB_ATLAS_ACCESS_TOKEN: "token-1" };
const apiKey = { MONGODB_ATLAS_PUBLIC_KEY: "public-1", MONGODB_ATLAS_PRIVATE_KEY: "private-1" };

describe("an empty environment", () => {
  test("gives the documented defaults", () => {
    expect(readSettings({})).toEqual({
      credentials: { kind: "missing", problem: expect.any(String) },
      credentialSource: "the environment",
      baseUrl: "https://cloud.mongodb.com",
      readOnly: false,
      toolsets: ["connections", "pipelines", "network"],
      timeoutMs: 30_000,
      checkMs: 10_000,
      readyMs: 300_000,
      dialect: "union",
      secretEnv: ["ATLAS_STREAMS_SECRET_*"],
      inlineSecrets: "allow",
      secretPage: true,
      logLevel: "warning",
      proxies: [],
    });
  });

  test("names the variables of all three kinds of credentials", () => {
    const { credentials } = readSettings({});
    for (const name of Object.keys({ ...serviceAccount, ...accessToken, ...apiKey }))
      expect(credentials).toHaveProperty("problem", expect.stringContaining(name));
  });

  test.each([
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_ACCESS_TOKEN",
    "MONGODB_ATLAS_BASE_URL",
    "MONGODB_ATLAS_PROJECT_ID",
    "ATLAS_STREAMS_MCP_TENANT",
    "ATLAS_STREAMS_MCP_READ_ONLY",
    "ATLAS_STREAMS_MCP_TOOLSETS",
    "ATLAS_STREAMS_MCP_TIMEOUT_MS",
    "ATLAS_STREAMS_MCP_SCHEMA",
    "ATLAS_STREAMS_MCP_SECRET_ENV",
    "ATLAS_STREAMS_MCP_SECRET_DIR",
    "ATLAS_STREAMS_MCP_INLINE_SECRETS",
    "ATLAS_STREAMS_MCP_LOG",
    "HTTPS_PROXY",
  ])("is the same as one in which %s is empty or blank", (name) => {
    expect(readSettings({ [name]: "" })).toEqual(readSettings({}));
    if (name !== "HTTPS_PROXY") expect(readSettings({ [name]: "  " })).toEqual(readSettings({}));
  });
});

describe("a value that can be used", () => {
  test.each([
    ["MONGODB_ATLAS_BASE_URL", "https://cloud.mongodbgov.com", { baseUrl: "https://cloud.mongodbgov.com" }],
    ["MONGODB_ATLAS_PROJECT_ID", "32b6e34b3d91647abb20e7b8", { projectId: "32b6e34b3d91647abb20e7b8" }],
    ["ATLAS_STREAMS_MCP_TENANT", "orders", { tenantName: "orders" }],
    ["ATLAS_STREAMS_MCP_READ_ONLY", "true", { readOnly: true }],
    ["ATLAS_STREAMS_MCP_READ_ONLY", "false", { readOnly: false }],
    ["ATLAS_STREAMS_MCP_TOOLSETS", "pipelines", { toolsets: ["pipelines"] }],
    ["ATLAS_STREAMS_MCP_TOOLSETS", " pipelines , connections ", { toolsets: ["connections", "pipelines"] }],
    ["ATLAS_STREAMS_MCP_TIMEOUT_MS", "1", { timeoutMs: 1 }],
    ["ATLAS_STREAMS_MCP_CHECK_MS", "2147483647", { checkMs: 2_147_483_647 }],
    ["ATLAS_STREAMS_MCP_READY_MS", "5000", { readyMs: 5_000 }],
    ["ATLAS_STREAMS_MCP_SCHEMA", "flat", { dialect: "flat" }],
    ["ATLAS_STREAMS_MCP_SECRET_ENV", " KAFKA_PASSWORD , HOOK_*,", { secretEnv: ["KAFKA_PASSWORD", "HOOK_*"] }],
    ["ATLAS_STREAMS_MCP_SECRET_ENV", ",", { secretEnv: [] }],
    ["ATLAS_STREAMS_MCP_SECRET_DIR", "/run/secrets", { secretDir: "/run/secrets" }],
    ["ATLAS_STREAMS_MCP_INLINE_SECRETS", "refuse", { inlineSecrets: "refuse" }],
    ["ATLAS_STREAMS_MCP_SECRET_PAGE", "off", { secretPage: false }],
    ["ATLAS_STREAMS_MCP_LOG", "debug", { logLevel: "debug" }],
    ["HTTPS_PROXY", "http://proxy:8080", { proxies: ["http://proxy:8080"] }],
    ["https_proxy", "http://proxy:8080", { proxies: ["http://proxy:8080"] }],
    ["HTTP_PROXY", "http://proxy:8080", { proxies: ["http://proxy:8080"] }],
    ["http_proxy", "http://proxy:8080", { proxies: ["http://proxy:8080"] }],
    ["ATLAS_STREAMS_MCP_TENANT", " orders\n", { tenantName: "orders" }],
  ])("%s=%j is read", (name, given, settings) => {
    expect(readSettings({ [name]: given })).toEqual({ ...readSettings({}), ...settings });
  });
});

describe("a value that cannot be used", () => {
  const milliseconds = "a whole number of milliseconds from 1 to 2147483647";

  test.each([
    ["MONGODB_ATLAS_PROJECT_ID", "32B6E34B3D91647ABB20E7B8", "24 hexadecimal digits"],
    ["MONGODB_ATLAS_PROJECT_ID", "my project", "24 hexadecimal digits"],
    ["ATLAS_STREAMS_MCP_READ_ONLY", "yes", "true, false"],
    ["ATLAS_STREAMS_MCP_TIMEOUT_MS", "0", milliseconds],
    ["ATLAS_STREAMS_MCP_TIMEOUT_MS", "30s", milliseconds],
    ["ATLAS_STREAMS_MCP_CHECK_MS", "-1", milliseconds],
    ["ATLAS_STREAMS_MCP_CHECK_MS", "1e3", milliseconds],
    ["ATLAS_STREAMS_MCP_READY_MS", "1.5", milliseconds],
    ["ATLAS_STREAMS_MCP_READY_MS", "2147483648", milliseconds],
    ["ATLAS_STREAMS_MCP_SCHEMA", "anyOf", "union, flat"],
    ["ATLAS_STREAMS_MCP_INLINE_SECRETS", "deny", "allow, refuse"],
    ["ATLAS_STREAMS_MCP_SECRET_PAGE", "false", "on, off"],
    ["ATLAS_STREAMS_MCP_LOG", "verbose", "debug, info, warning, error"],
  ])("%s=%j is refused by name, with what was given and what is allowed", (name, given, allowed) => {
    const message = refusal({ [name]: given });
    expect(message).toMatch(new RegExp(`^${name} `));
    expect(message).toContain(JSON.stringify(given));
    expect(message).toContain(allowed);
    expect(message).not.toContain("\n");
  });
});

describe("the base URL", () => {
  test.each([
    ["https://cloud.mongodb.com/", "https://cloud.mongodb.com"],
    ["https://CLOUD.mongodb.com:443", "https://cloud.mongodb.com"],
    ["https://atlas.internal:8443", "https://atlas.internal:8443"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://127.9.8.7", "http://127.9.8.7"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ])("%s is taken", (given, origin) => {
    expect(readSettings({ MONGODB_ATLAS_BASE_URL: given }).baseUrl).toBe(origin);
  });

  test.each([
    "http://cloud.mongodb.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://10.0.0.1",
    "ftp://localhost",
    "file:///etc/passwd",
    "cloud.mongodb.com",
    "https://",
    "https://cloud.mongodb.com/api",
    "https://cloud.mongodb.com?x=1",
    "https://cloud.mongodb.com#x",
  ])("%s is refused", (given) => {
    expect(refusal({ MONGODB_ATLAS_BASE_URL: given })).toMatch(
      /^MONGODB_ATLAS_BASE_URL is ".*"; allowed: an https:\/\/ origin, or http:\/\/ to a loopback host/,
    );
  });

  test.each([
    "https://user:hunter2@cloud.mongodb.com",
    "https://hunter2@cloud.mongodb.com",
    "http://user:hunter2@localhost",
    "user:hunter2@cloud.mongodb.com",
    "https://user:hunter2@cloud mongodb com",
    "//user:hunter2@cloud.mongodb.com",
  ])("%s is refused without repeating the password", (given) => {
    const message = refusal({ MONGODB_ATLAS_BASE_URL: given });
    expect(message).toContain("MONGODB_ATLAS_BASE_URL");
    expect(message).toContain("allowed: an https:// origin");
    expect(message).not.toContain("hunter2");
  });
});

describe("a loopback host", () => {
  test.each(["localhost", "127.0.0.1", "127.255.255.254", "[::1]"])("is %s", (hostname) => {
    expect(isLoopback(hostname)).toBe(true);
  });

  test.each(["example.com", "localhost.example.com", "127.0.0.1.nip.io", "128.0.0.1", "0.0.0.0", "[::2]", ""])(
    "is not %j",
    (hostname) => {
      expect(isLoopback(hostname)).toBe(false);
    },
  );
});

describe("credentials", () => {
  test("each kind is read", () => {
    expect(credentialsOf(serviceAccount)).toEqual({
      kind: "service-account",
      clientId: "mdb_sa_id_1",
      clientSecret: "mdb_sa_sk_1",
    });
    expect(credentialsOf(accessToken)).toEqual({ kind: "access-token", token: "token-1" });
    expect(credentialsOf(apiKey)).toEqual({ kind: "api-key", publicKey: "public-1", privateKey: "private-1" });
  });

  test("the API key has other names too, and the main names win", () => {
    const other = { MONGODB_ATLAS_PUBLIC_API_KEY: "public-2", MONGODB_ATLAS_PRIVATE_API_KEY: "private-2" };
    expect(credentialsOf(other)).toEqual({ kind: "api-key", publicKey: "public-2", privateKey: "private-2" });
    expect(credentialsOf({ ...other, ...apiKey })).toEqual(credentialsOf(apiKey));
  });

  test("a service account wins over a token, and a token over an API key", () => {
    expect(credentialsOf({ ...apiKey, ...accessToken, ...serviceAccount }).kind).toBe("service-account");
    expect(credentialsOf({ ...apiKey, ...serviceAccount }).kind).toBe("service-account");
    expect(credentialsOf({ ...apiKey, ...accessToken }).kind).toBe("access-token");
  });

  test("surrounding white space does not count", () => {
    expect(credentialsOf({ MONGODB_ATLAS_ACCESS_TOKEN: " token-1\n" })).toEqual(credentialsOf(accessToken));
  });

  test.each([
    ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"],
    ["MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_CLIENT_ID"],
    ["MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"],
    ["MONGODB_ATLAS_PRIVATE_KEY", "MONGODB_ATLAS_PUBLIC_KEY"],
  ])("%s alone is half a pair: the missing half is named, even beside another kind", (set, missing) => {
    for (const more of [{}, accessToken, { [missing]: " " }])
      expect(credentialsOf({ [set]: "hunter2", ...more })).toEqual({
        kind: "missing",
        mistake: true,
        problem: `${set} is set but ${missing} is not; set both`,
      });
  });

  test("two halves are both named", () => {
    expect(credentialsOf({ MONGODB_ATLAS_CLIENT_ID: "a", MONGODB_ATLAS_PRIVATE_KEY: "b" })).toHaveProperty(
      "problem",
      expect.stringMatching(/MONGODB_ATLAS_CLIENT_SECRET is not; .*MONGODB_ATLAS_PUBLIC_KEY is not/),
    );
  });

  test("what has to stay secret is the secret half only", () => {
    expect(credentialSecrets(credentialsOf(serviceAccount))).toEqual(["mdb_sa_sk_1"]);
    expect(credentialSecrets(credentialsOf(accessToken))).toEqual(["token-1"]);
    expect(credentialSecrets(credentialsOf(apiKey))).toEqual(["private-1"]);
    expect(credentialSecrets(credentialsOf({}))).toEqual([]);
  });
});
