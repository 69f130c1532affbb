import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equivalentsOf } from "../../../src/equivalents/equivalents.ts";
import { createOf, examples, groupId, secretsOf, unrulyConnections, wholly } from "../support.ts";
import { runAtlasCli } from "./shell.ts";

describe("the Atlas CLI command", () => {
  it.each(examples)("gives the %s connection to the CLI in a file", async (type, connection) => {
    const { args, file, body, origin } = await runAtlasCli(createOf(connection, { tenantName: "it's mine" }));
    expect(args).toEqual([
      ...["streams", "connections", "create", `${type} 1`],
      ...["--instance", "it's mine", "--projectId", groupId, "--file"],
    ]);
    expect(file).toMatch(/\.json$/);
    expect(body).toEqual(connection);
    expect(origin).toBe("");
  });

  it("gives whatever the strings hold", async () => {
    await fc.assert(
      fc.asyncProperty(unrulyConnections, async (connection) => {
        const create = createOf(connection);
        const { args, body, atlasCli } = await runAtlasCli(create);
        expect(body).toEqual(connection);
        if (args.length === 9) expect(args[3]).toBe(connection.name);
        for (const secret of Object.values(secretsOf(create))) expect(atlasCli).not.toContain(secret);
      }),
      { numRuns: 20 },
    );
  });

  it.each(["--help", "a\nb", "a\0b"])("leaves a name that cannot be an argument to the file: %j", async (name) => {
    const { args, body } = await runAtlasCli(createOf({ type: "Sample", name }));
    expect(args.slice(0, 4)).toEqual(["streams", "connections", "create", "--instance"]);
    expect(body).toEqual({ type: "Sample", name });
  });

  it("leaves a name that is a secret to the file", async () => {
    const create = createOf({ type: "Sample", name: "hidden" }, { partsOf: wholly((field) => field === "name") });
    const { args, body, atlasCli } = await runAtlasCli(create);
    expect(args[3]).toBe("--instance");
    expect(body).toEqual({ type: "Sample", name: "hidden" });
    expect(atlasCli).not.toContain("hidden");
  });

  it("says which fields the CLI ignores", () => {
    const kafka = { type: "Kafka", name: "k", bootstrapServers: "b:1" };
    const command = (authentication: object) => equivalentsOf(createOf({ ...kafka, authentication })).atlasCli;
    expect(command({ aws: { roleArn: "arn:aws:iam::123456789012:role/r" } })).toMatch(
      /^# Not sent: authentication\.aws, which the Atlas CLI ignores\.$/m,
    );
    for (const known of [{ mechanism: "PLAIN" }, { sslCertificate: "c", sslKey: "k" }, { method: "OIDC", scope: "s" }])
      expect(command(known)).not.toContain("Not sent");
  });

  it("lets nobody else read the file, and removes it", async () => {
    const { file, mode } = await runAtlasCli(createOf({ type: "Sample", name: "s" }));
    expect(mode).toBe("drwx------");
    expect(existsSync(file)).toBe(false);
  });

  it("tells the CLI of another Atlas", async () => {
    const url = "http://127.0.0.1:1/api/atlas/v2/groups/g/streams/t/connections";
    expect((await runAtlasCli(createOf({ type: "Sample", name: "s" }, { url }))).origin).toBe("http://127.0.0.1:1");
  });
});
