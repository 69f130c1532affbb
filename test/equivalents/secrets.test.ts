import { describe, expect, it } from "vitest";
import { equivalentsOf } from "../../src/equivalents/equivalents.ts";
import { mapStrings } from "../../src/json.ts";
import { createOf, examples } from "./support.ts";

const all = (...create: Parameters<typeof createOf>) => Object.values(equivalentsOf(createOf(...create))).join("\n");

describe("secrets in the equivalents", () => {
  it.each(examples)("never appear: %s with every string a secret", (_type, connection) => {
    const text = all(connection, { isSecret: () => true });
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
    const text = all(connection, { isSecret: ([step]) => step === "bootstrapServers" });
    expect(text).not.toContain("private-host");
    expect(text).toContain("var.k_bootstrap_servers");
  });

  it("are hidden where a person uses them a second time", () => {
    const authentication = { username: "svc-hunter2", password: "hunter2" };
    const text = all({ type: "Kafka", name: "hunter2", bootstrapServers: "hunter2:9092", authentication });
    expect(text).not.toContain("hunter2");
    expect(text).toContain("KAFKA_AUTHENTICATION_USERNAME");
  });

  it("do not hide what only looks like a very short one", () => {
    const authentication = { username: "abc", password: "a" };
    expect(all({ type: "Kafka", name: "ka", bootstrapServers: "a:1", authentication })).toContain('"abc"');
  });

  it("are no variable where they are empty", () => {
    const text = all({ type: "Https", name: "h", url: "https://example.com", headers: { A: "" } });
    expect(text).not.toContain("H_HEADERS");
    expect(text).toContain('"A" = ""');
  });
});
