/** Whatever Atlas echoes, no secret is in any byte that leaves the process. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import { createCall, type ServerProcess, startProcess } from "../support/server-process.ts";
import { type EchoingAtlas, manners, startEchoingAtlas } from "./echoing-atlas.ts";
import { readings } from "./readings.ts";

const secrets = {
  password: 'inline "pass\\word" wörd/with+odd&chars%=',
  header: "Bearer header-value-Qm9vcXV4",
  inUrl: "url-password-8Yk2.w",
  setting: "jaas-setting-Qq71_z",
  referenced: "referenced-value-7d1f5c",
  file: "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC\nBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----",
  user: "referenced-user-name-93ab",
  token: "issued.token-Zk3pXq81.signature_and-more",
  clientSecret: "mdb_sa_sk_client_secret_51Ab9-_x",
  accessToken: "ready-made.access-token.Kd82mW",
  privateKey: "c0ffee00-1234-5678-9abc-def012345678",
};

const credentials = {
  "a service account": {
    MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1",
    MONGODB_ATLAS_CLIENT_SECRET: secrets.clientSecret,
  },
  "an access token": { MONGODB_ATLAS_ACCESS_TOKEN: secrets.accessToken },
  "an API key": { MONGODB_ATLAS_PUBLIC_KEY: "publickey", MONGODB_ATLAS_PRIVATE_KEY: secrets.privateKey },
};

const { groupId } = place;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "no-secret-test-"));
  await writeFile(join(folder, "key.pem"), `${secrets.file}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const kafka = {
  name: "x",
  type: "Kafka",
  bootstrapServers: "b:9092",
  authentication: {
    mechanism: "PLAIN",
    username: "${env:ATLAS_STREAMS_SECRET_USER}",
    password: secrets.password,
    clientSecret: "${env:ATLAS_STREAMS_SECRET_REFERENCED}",
    sslKey: "${file:key.pem}",
  },
  config: { "sasl.jaas.config": secrets.setting },
};
const https = {
  name: "x",
  type: "Https",
  url: `https://user:${secrets.inUrl}@a.example.com`,
  headers: { Authorization: secrets.header },
};

/** One call of each manner for each connection, dry runs and refusals among them. */
async function session(server: ServerProcess): Promise<void> {
  await server.initialize();
  await server.ask("logging/setLevel", { level: "debug" });
  const create = (args: JsonObject) => server.ask("tools/call", createCall(args, { progressToken: "token" }));
  for (const tenantName of manners) {
    const place = { groupId, tenantName };
    await create({ ...place, connection: kafka, waitUntilReady: tenantName === "slowly ready" });
    await create({ ...place, connection: https });
  }
  const cut = { groupId, tenantName: "plain text", connection: kafka };
  for (let times = 0; times < 6; times += 1) await create(cut);

  const place = { groupId, tenantName: "json error" };
  await create({ ...place, connection: kafka, envelope: true });
  await create({ ...place, connection: kafka, dryRun: true });
  await create({ ...place, connection: https, dryRun: true });
  for (const connection of [
    { ...kafka, type: "kafka" },
    { ...kafka, password: secrets.password },
    { ...kafka, authentication: { ...kafka.authentication, password: [secrets.password] } },
    { ...https, headers: [secrets.header] },
    JSON.stringify(kafka),
    JSON.stringify(https).slice(0, -1),
  ])
    await create({ ...place, connection });
  await create({ ...place, connection: https, [secrets.header]: secrets.header });

  await server.ask("tools/list", { cursor: secrets.password });
  server.send(`{"password": ${JSON.stringify(secrets.password)}`);
  server.send({ jsonrpc: "2.0", id: 1, result: secrets.password });
  await server.ask("ping");
}

/** The parts of the secrets that must not be seen: the lines of a key are each as good as the whole. */
const needles = Object.values(secrets)
  .flatMap((secret) => secret.split("\n"))
  .filter((line) => !line.startsWith("-----"));

describe.each(Object.entries(credentials))("a session against an Atlas that echoes everything, with %s,", (_, env) => {
  let atlas: EchoingAtlas;
  let server: ServerProcess;
  beforeAll(async () => {
    atlas = await startEchoingAtlas(secrets.token);
    server = startProcess({
      env: {
        ...env,
        MONGODB_ATLAS_BASE_URL: atlas.url,
        ATLAS_STREAMS_SECRET_REFERENCED: secrets.referenced,
        ATLAS_STREAMS_SECRET_USER: secrets.user,
        ATLAS_STREAMS_MCP_SECRET_DIR: folder,
        ATLAS_STREAMS_MCP_LOG: "debug",
        ATLAS_STREAMS_MCP_CHECK_MS: "50",
      },
    });
    await session(server);
    server.child.stdin.end();
    await server.ended;
  }, 60_000);
  afterAll(() => atlas.close());

  it("is answered in every manner", () => {
    const results = server.messages().flatMap(({ result }) => Object(result).structuredContent ?? []);
    const outcomes = results.map(({ outcome, error }) => error?.kind ?? outcome);
    expect(new Set(outcomes)).toEqual(
      new Set([
        "bad_request",
        "forbidden",
        "unknown_outcome",
        "conflict",
        "not_found",
        "created",
        "planned",
        "invalid_input",
      ]),
    );
    // The echo is there to be seen, or the rest would prove nothing.
    const seen = readings(atlas.firstAnswer());
    const sent = [secrets.password, secrets.referenced, secrets.user];
    expect(sent.filter((secret) => !seen.includes(secret))).toEqual([]);
  });

  it("shows no secret on stdout or stderr, nor the greater part of one", () => {
    const seen = readings(server.stdout() + server.stderr());
    const parts = needles.flatMap((needle) => {
      const most = Math.ceil(needle.length * 0.6);
      return [needle.slice(0, most), needle.slice(-most)];
    });
    expect([...needles, ...parts].filter((part) => seen.includes(part))).toEqual([]);
  });
});
