/** `${env:NAME}` and `${file:NAME}`: secrets that the agent uses without seeing them. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { creates, freshName, place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";

let folder: string;
let on: ServerOnSandbox;
/** With no folder for files, and secrets only as references. */
let refusing: ServerOnSandbox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "references-test-"));
  const secrets = join(folder, "secrets");
  await mkdir(secrets);
  await writeFile(join(secrets, "password"), "from-a-file\n");
  await writeFile(join(folder, "outside"), "from-outside");
  await symlink(join(folder, "outside"), join(secrets, "link"));
  [on, refusing] = await Promise.all([
    startOnSandbox({
      env: {
        ATLAS_STREAMS_SECRET_PASSWORD: "from-the-environment",
        ATLAS_STREAMS_SECRET_EMPTY: "",
        ATLAS_STREAMS_SECRET_COPY: "sandbox.ready-made-access-token.0123456789abcdef",
        EXTRA_PASSWORD: "from-an-extra-variable",
        EXTRA_OTHER: "not-allowed",
        ATLAS_STREAMS_MCP_SECRET_ENV: "ATLAS_STREAMS_SECRET_*, EXTRA_PASSWORD, MONGODB_*",
        ATLAS_STREAMS_MCP_SECRET_DIR: secrets,
      },
    }),
    startOnSandbox({
      env: { ATLAS_STREAMS_MCP_INLINE_SECRETS: "refuse", ATLAS_STREAMS_SECRET_PASSWORD: "from-the-environment" },
    }),
  ]);
});
afterEach(() => {
  on.sandbox.requests.length = 0;
});
afterAll(async () => {
  await Promise.all([on.close(), refusing.close()]);
  await rm(folder, { recursive: true });
});

const kafka = (authentication: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  ...place,
  connection: {
    name: freshName(),
    type: "Kafka",
    bootstrapServers: "b:9092",
    authentication: { mechanism: "PLAIN", username: "atlas", ...authentication },
    ...more,
  },
});
const sentBody = () => creates(on.sandbox).at(-1)?.body;

describe("a reference", () => {
  it.each([
    ["a variable", "${env:ATLAS_STREAMS_SECRET_PASSWORD}", "from-the-environment"],
    ["a variable that a person allowed", "${env:EXTRA_PASSWORD}", "from-an-extra-variable"],
    ["a file, without the newline at its end", "${file:password}", "from-a-file"],
    ["several in one string", "a-${env:EXTRA_PASSWORD}-${file:password}", "a-from-an-extra-variable-from-a-file"],
    ["the text itself", "$${env:ATLAS_STREAMS_SECRET_PASSWORD}", "${env:ATLAS_STREAMS_SECRET_PASSWORD}"],
  ])("(to %s) is resolved on its way to Atlas", async (_, password, value) => {
    const result = await on.server.create(kafka({ password }));
    expect(result).toMatchObject({ outcome: "created" });
    expect(sentBody()).toMatchObject({ authentication: { password: value } });
    expect(JSON.stringify(result) + on.server.stderr()).not.toMatch(/from-(the-environment|an-extra|a-file)/);
  });

  it("keeps what is typed beside it a secret", async () => {
    const result = await on.server.create(kafka({ password: "typed-${env:ATLAS_STREAMS_SECRET_NONE}" }));
    expect(result.error?.fields?.[0]?.message).toMatch(/ATLAS_STREAMS_SECRET_NONE/);
    expect(JSON.stringify(result)).not.toContain("typed-");
  });

  it("is resolved in any string, and what it gave is a secret there too", async () => {
    const args = kafka({ password: "${file:password}" }, { config: { "client.id": "id-${env:EXTRA_PASSWORD}" } });
    const result = await on.server.create(args);
    expect(sentBody()).toMatchObject({ config: { "client.id": "id-from-an-extra-variable" } });
    expect(result.connection).toMatchObject({ config: { "client.id": "id-***" } });
  });

  it.each([
    ["a variable outside the allow-list", "${env:EXTRA_OTHER}", /EXTRA_OTHER.*ATLAS_STREAMS_MCP_SECRET_ENV/],
    ["a variable that is not set", "${env:ATLAS_STREAMS_SECRET_NONE}", /ATLAS_STREAMS_SECRET_NONE.*not set/],
    ["a variable that is empty", "${env:ATLAS_STREAMS_SECRET_EMPTY}", /empty/],
    ["the server's credentials, whatever the allow-list says", "${env:MONGODB_ATLAS_ACCESS_TOKEN}", /own settings/],
    ["the server's credentials under another name", "${env:ATLAS_STREAMS_SECRET_COPY}", /own credentials/],
    ["a file outside the folder", "${file:../outside}", /ATLAS_STREAMS_MCP_SECRET_DIR/],
    ["a file by an absolute path", "${file:/etc/passwd}", /ATLAS_STREAMS_MCP_SECRET_DIR/],
    ["a link that leads out of the folder", "${file:link}", /ATLAS_STREAMS_MCP_SECRET_DIR/],
    ["a file that is not there", "${file:nothing}", /ATLAS_STREAMS_MCP_SECRET_DIR/],
  ])("(to %s) is refused, says why, and nothing is sent", async (_, password, why) => {
    const { error } = await on.server.create(kafka({ password }));
    expect(error).toMatchObject({ kind: "invalid_input", retryable: false });
    expect(error?.fields).toEqual([
      { path: "connection.authentication.password", message: expect.stringMatching(why) },
    ]);
    expect(on.sandbox.requests).toEqual([]);
  });
});

describe("a secret that Atlas needs and that was left out", () => {
  it("is asked for by the way of a reference, never in the chat", async () => {
    const { error } = await on.server.create(kafka({}));
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "connection.authentication.password", message: expect.stringContaining("PLAIN") }],
      hint: expect.stringMatching(/Do not ask.*chat.*ATLAS_STREAMS_SECRET_\*.*\$\{env:NAME\}/),
    });
    expect(on.sandbox.requests).toEqual([]);
  });
});

describe("where inline secrets are refused", () => {
  it("a secret in the arguments is refused without being repeated", async () => {
    const args = kafka({ password: "typed-into-the-chat" });
    const result = await refusing.server.create(args);
    expect(result.error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "connection.authentication.password", message: expect.stringContaining("${env:NAME}") }],
    });
    expect(JSON.stringify(result)).not.toContain("typed-into-the-chat");
    expect(refusing.sandbox.requests).toEqual([]);
  });

  it("a reference is taken", async () => {
    const args = kafka({ password: "${env:ATLAS_STREAMS_SECRET_PASSWORD}" });
    expect(await refusing.server.create(args)).toMatchObject({ outcome: "created" });
  });

  it("the text of a reference, escaped, is no reference", async () => {
    const { error } = await refusing.server.create(kafka({ password: "$${env:ATLAS_STREAMS_SECRET_PASSWORD}" }));
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "connection.authentication.password" }] });
  });

  it("a file is refused as long as no folder is set", async () => {
    const { error } = await refusing.server.create(kafka({ password: "${file:password}" }));
    expect(error?.fields?.[0]?.message).toContain("ATLAS_STREAMS_MCP_SECRET_DIR");
  });
});
