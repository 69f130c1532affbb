import { describe, expect, it } from "vitest";
import { equivalentsOf } from "../../src/equivalents/equivalents.ts";
import { terraformOfExisting } from "../../src/equivalents/terraform-of-existing.ts";
import { mapStrings } from "../../src/json.ts";
import { createOf, examples, groupId, resourceOf, secretsOf, wholly } from "./support.ts";

const all = (...create: Parameters<typeof createOf>) => Object.values(equivalentsOf(createOf(...create))).join("\n");
/** The variables of a create, with what they hold. */
const variables = (...create: Parameters<typeof createOf>) => secretsOf(createOf(...create));

describe("the sandbox", () => {
  it("is said to be gone with its process, in all three forms and of what is there", () => {
    const gone = /^# For the sandbox .* gone when that process ends\.$/m;
    const connection = { type: "Sample", name: "s" };
    for (const text of Object.values(equivalentsOf(createOf(connection, { sandbox: true }))))
      expect(text).toMatch(gone);
    for (const text of Object.values(equivalentsOf(createOf(connection)))) expect(text).not.toMatch(/sandbox/);
    const existing = { origin: "http://127.0.0.1:1", groupId, tenantName: "t", connection };
    expect(terraformOfExisting({ ...existing, sandbox: true })).toMatch(gone);
    expect(terraformOfExisting(existing)).not.toMatch(gone);
  });
});

describe("secrets in the equivalents", () => {
  it.each(examples)("never appear: %s with every string a secret", (_type, connection) => {
    const text = all(connection, { partsOf: wholly(() => true) });
    mapStrings(connection, (secret) => {
      // Short ones ("atlas") and the type are also words of the three languages.
      if (secret.length > 6 && secret !== connection.type) expect(text).not.toContain(secret);
      return secret;
    });
  });

  it("are hidden by place, whatever they hold", () => {
    const authentication = { username: "me", password: "pa$$'w\"ord", sslKey: "-----BEGIN\nKEY", sslKeyPassword: "x" };
    const text = all({ type: "Kafka", name: "k", bootstrapServers: "b:1", authentication });
    expect(text).not.toMatch(/pa\$\$|BEGIN|KEY-/);
    expect(text).toContain("$K_AUTHENTICATION_SSL_KEY_PASSWORD");
    expect(text).toContain("me");
  });

  it("are hidden where a reference brought them", () => {
    const connection = { type: "Kafka", name: "k", bootstrapServers: "private-host:9092" };
    const text = all(connection, { partsOf: wholly((field) => field === "bootstrapServers") });
    expect(text).not.toContain("private-host");
    expect(text).toContain("var.k_bootstrap_servers");
  });

  it("are no variable where they are empty", () => {
    const connection = { type: "Https", name: "h", url: "https://example.com", headers: { A: "" } };
    const text = all(connection, { partsOf: wholly((field) => field === "headers") });
    expect(text).not.toContain("H_HEADERS");
    expect(text).toContain('"A" = ""');
  });
});

describe("secrets that are parts of a string", () => {
  const hook = {
    type: "Https",
    name: "orders-hook",
    url: "https://bob:s3cr%40t@example.com/hook?token=t0ken&page=2&api_key=k3y",
    headers: { Authorization: "Bearer abc", "Content-Type": "application/json" },
  };

  it("have a variable each, which holds them as they stand there", () => {
    expect(variables(hook)).toEqual({
      ORDERS_HOOK_URL_PASSWORD: "s3cr%40t",
      ORDERS_HOOK_URL_TOKEN: "t0ken",
      ORDERS_HOOK_URL_API_KEY: "k3y",
      ORDERS_HOOK_HEADERS_AUTHORIZATION: "Bearer abc",
    });
  });

  it("leave the rest of the string to be read", () => {
    const { curl, atlasCli, terraform } = equivalentsOf(createOf(hook));
    const url = `"url": "https://bob:'"$(escape "$ORDERS_HOOK_URL_PASSWORD")"'@example.com/hook?token='"$(escape "$ORDERS_HOOK_URL_TOKEN")"'&page=2&api_key='"$(escape "$ORDERS_HOOK_URL_API_KEY")"'"`;
    expect(curl).toContain(url);
    expect(atlasCli).toContain(url);
    expect(terraform).toContain(
      'url             = "https://bob:${var.orders_hook_url_password}@example.com/hook?token=${var.orders_hook_url_token}&page=2&api_key=${var.orders_hook_url_api_key}"',
    );
  });

  it("have names that tell them apart", () => {
    const bootstrapServers = "a:one@h:1,b:two@h:2";
    expect(variables({ type: "Kafka", name: "k", bootstrapServers })).toEqual({
      K_BOOTSTRAP_SERVERS_PASSWORD: "one",
      K_BOOTSTRAP_SERVERS_PASSWORD_2: "two",
    });
    const schemaRegistryUrls = ["https://a:one@example.com", "https://b:two@example.com"];
    const schemaRegistryAuthentication = { type: "SASL_INHERIT" };
    const registry = { provider: "CONFLUENT", schemaRegistryUrls, schemaRegistryAuthentication };
    expect(variables({ type: "SchemaRegistry", name: "r", ...registry })).toEqual({
      R_SCHEMA_REGISTRY_URLS_0_PASSWORD: "one",
      R_SCHEMA_REGISTRY_URLS_1_PASSWORD: "two",
    });
  });

  it.each(["$", "%", "$$", "{", "\\", "${", "%%{", '"'])("stay templates of Terraform beside %s", (sign) => {
    const connection = {
      type: "Kafka",
      name: "k",
      bootstrapServers: "b:1",
      config: { proxy: `a${sign}SECRET${sign}` },
    };
    const partsOf = (text: string) => {
      const start = text.indexOf("SECRET");
      return start < 0 ? [] : [{ start, end: start + 6 }];
    };
    const { terraform } = equivalentsOf(createOf(connection, { partsOf }));
    expect(resourceOf(terraform, { K_CONFIG_PROXY: "x" })["config"]).toEqual({ proxy: `a${sign}x${sign}` });
  });
});

describe("a secret that other strings of the connection hold as well", () => {
  const kafka = (name: string, username: string, password: string) => ({
    type: "Kafka",
    name,
    bootstrapServers: `${password}.example.com:9092`,
    authentication: { username, password },
  });

  it("is its variable there too, and the rest of them is to be read", () => {
    const connection = kafka("k", "svc-hunter2hunter2", "hunter2hunter2");
    expect(variables(connection)).toEqual({ K_AUTHENTICATION_PASSWORD: "hunter2hunter2" });
    const text = all(connection);
    expect(text).not.toContain("hunter2hunter2");
    expect(text).toContain('"svc-${var.k_authentication_password}"');
    expect(text).toContain(`"'"$(escape "$K_AUTHENTICATION_PASSWORD")"'.example.com:9092"`);
  });

  it.each([
    ["my-hunter2hunter2", "hunter2hunter2"],
    ["my-hunter2hunter2", "HUNTER2HUNTER2"],
    ["HUNTER2-hunter2", "hunter2_hunter2"],
  ])("is not in the names that the name %j gives: %j", (name, secret) => {
    expect(Object.keys(variables(kafka(name, "me", secret)))).toEqual(["KAFKA_AUTHENTICATION_PASSWORD"]);
    expect(all(kafka(name, "me", secret))).not.toContain(secret);
  });

  it("is not in the names that a parameter gives", () => {
    const url = "https://example.com/?hunter2hunter2token=hunter2hunter2";
    expect(Object.keys(variables({ type: "Https", name: "h", url }))).toEqual(["H_URL"]);
  });

  it("is found in full where it holds another", () => {
    const headers = { A: "hunter2hunter2", B: "hunter2hunter2-hunter2" };
    const text = all({ type: "Https", name: "h", url: "https://hunter2hunter2-hunter2.example.com", headers });
    expect(text).toContain('"https://${var.h_headers_b}.example.com"');
  });

  it("is left where it is so short that it is there by chance", () => {
    const connection = kafka("orders", "data", "orders");
    expect(resourceOf(equivalentsOf(createOf(connection)).terraform)).toMatchObject({
      connection_name: "orders",
      bootstrap_servers: "orders.example.com:9092",
      authentication: { username: "data", password: "<orders_authentication_password>" },
    });
  });
});
