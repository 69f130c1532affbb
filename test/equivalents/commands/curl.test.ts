import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CreateRequest, equivalentsOf } from "../../../src/equivalents/equivalents.ts";
import { createOf, examples, groupId, secretsOf, unrulyConnections } from "../support.ts";
import { type Received, startAtlas } from "./atlas.ts";
import { has, inFolder, program, read, shell } from "./shell.ts";

const path = `/api/atlas/v2/groups/${groupId}/streams/o'r%20ders/connections?envelope=true&pretty=true`;
const token = { MONGODB_ATLAS_ACCESS_TOKEN: "to.k-en_0" };

describe.skipIf(!has("curl"))("the curl command", () => {
  let atlas: Awaited<ReturnType<typeof startAtlas>>;
  beforeAll(async () => {
    atlas = await startAtlas();
  });
  afterAll(() => atlas.stop());

  const here = (connection: unknown, others: Partial<CreateRequest> = {}) =>
    createOf(connection, { url: atlas.origin + path, ...others });

  async function send(create: CreateRequest, login: Record<string, string>, how?: Parameters<typeof shell>[2]) {
    const stdout = await shell(equivalentsOf(create).curl, { ...login, ...secretsOf(create) }, how);
    const received = atlas.take();
    return { stdout, received, last: received.at(-1) };
  }

  it.each(examples)("sends the %s connection with its headers to its URL", async (_type, connection) => {
    const { stdout, last } = await send(here(connection), token);
    expect(JSON.parse(last?.body ?? "")).toEqual(connection);
    expect(last).toMatchObject({
      method: "POST",
      path,
      headers: {
        accept: "application/vnd.atlas.2023-02-01+json",
        "content-type": "application/json",
        "user-agent": "t",
        authorization: "Bearer to.k-en_0",
      },
    });
    expect(stdout).toBe("made");
  });

  it.each(["/bin/sh", ...(has("bash") ? ["bash"] : [])])(
    "sends whatever the strings hold, run by %s",
    async (program) => {
      await fc.assert(
        fc.asyncProperty(unrulyConnections, async (connection) => {
          const create = here(connection);
          const { last } = await send(create, token, { shell: program });
          expect(JSON.parse(last?.body ?? "")).toEqual(connection);
          const { curl } = equivalentsOf(create);
          for (const secret of Object.values(secretsOf(create))) expect(curl).not.toContain(secret);
        }),
        { numRuns: 15 },
      );
    },
  );

  it("sends every character that a variable can hold", async () => {
    const all = Array.from({ length: 0x2ff }, (_, code) => String.fromCodePoint(code + 1)).join("");
    const connection = {
      type: "Https",
      name: "n",
      url: "https://example.com",
      headers: { a: `${all}🦊\n\n`, b: "\n" },
    };
    const { last } = await send(here(connection), token);
    expect(JSON.parse(last?.body ?? "")).toEqual(connection);
  });

  it("sends half of a surrogate pair as JSON escapes it", async () => {
    const connection = {
      type: "Cluster",
      name: "a\ud800b",
      clusterName: "c",
      dbRoleToExecute: { role: "r", type: "CUSTOM" },
    };
    const { last } = await send(here(connection), token);
    expect(JSON.parse(last?.body ?? "")).toEqual(connection);
  });

  it("sends a secret of the largest size that the server reads from a file", async () => {
    const line = `${"x".repeat(64)}\n`;
    const sslKey = `-----BEGIN PRIVATE KEY-----\n${line.repeat(1000)}-----END PRIVATE KEY-----`;
    const connection = { type: "Kafka", name: "n", bootstrapServers: "b:1", authentication: { sslKey } };
    const { last } = await send(here(connection), token);
    expect(JSON.parse(last?.body ?? "")).toEqual(connection);
  });

  it("fetches a token with a service account", async () => {
    const login = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1", MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_1" };
    const { received } = await send(here({ type: "Sample", name: "s" }, { login: "service-account" }), login);
    expect(received).toMatchObject([
      {
        path: "/api/oauth/token",
        headers: {
          authorization: `Basic ${btoa("mdb_sa_id_1:mdb_sa_sk_1")}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials",
      },
      { path, headers: { authorization: "Bearer to.k-en_1" } },
    ]);
  });

  it("sends nothing without a token", async () => {
    const login = { MONGODB_ATLAS_CLIENT_ID: "i", MONGODB_ATLAS_CLIENT_SECRET: "s" };
    atlas.behaviour.refuseToken = true;
    const sent = send(here({ type: "Sample", name: "s" }, { login: "service-account" }), login);
    await expect(sent).rejects.toThrow("401");
    atlas.behaviour.refuseToken = false;
    expect(atlas.take()).toMatchObject([{ path: "/api/oauth/token" }]);
  });

  it("logs in with an API key by HTTP digest", async () => {
    const login = { MONGODB_ATLAS_PUBLIC_KEY: "abcdefgh", MONGODB_ATLAS_PRIVATE_KEY: "0f-1e" };
    atlas.behaviour.digest = true;
    const { last } = await send(here({ type: "Sample", name: "s" }, { login: "api-key" }), login);
    atlas.behaviour.digest = false;
    expect(last?.headers.authorization).toMatch(/^Digest username="abcdefgh"/);
    expect(digestOf(last)).toBe(digestFor(last, "abcdefgh", "0f-1e"));
    expect(JSON.parse(last?.body ?? "")).toEqual({ type: "Sample", name: "s" });
  });

  it("takes a token where the server has no credentials", async () => {
    const { last } = await send(here({ type: "Sample", name: "s" }, { login: "missing" }), token);
    expect(last?.headers.authorization).toBe("Bearer to.k-en_0");
  });

  it.each([
    ["service-account", { MONGODB_ATLAS_CLIENT_ID: "id-value", MONGODB_ATLAS_CLIENT_SECRET: "secret-value" }],
    ["access-token", { MONGODB_ATLAS_ACCESS_TOKEN: "token-value" }],
    ["api-key", { MONGODB_ATLAS_PUBLIC_KEY: "public-value", MONGODB_ATLAS_PRIVATE_KEY: "private-value" }],
  ] as const)("keeps credentials (%s) and secrets out of the arguments of programs", async (login, credentials) => {
    const connection = { type: "Https", name: "n", url: "https://example.com", headers: { a: "hunter2-value" } };
    await inFolder(async (folder) => {
      for (const name of ["curl", "awk", "sed"]) {
        const [real] = (await shell(`command -v ${name}`)).split("\n");
        program(folder, name, `printf '%s\\n' "$0" "$@" >>'${folder}/arguments'\nexec ${real} "$@"`);
      }
      const { last } = await send(here(connection, { login }), credentials, { programs: folder });
      expect(last?.body).toContain("hunter2-value");
      expect(read(folder, "arguments")).toContain("/curl");
      expect(read(folder, "arguments")).not.toMatch(/-value|to\.k-en/);
    });
  });

  it("names a variable that is not set, and sends nothing", async () => {
    const connection = { type: "Https", name: "hook", url: "https://example.com", headers: { "X-Key": "k" } };
    await expect(shell(equivalentsOf(here(connection)).curl, token)).rejects.toThrow("HOOK_HEADERS_X_KEY");
    expect(atlas.take()).toEqual([]);
  });

  it("leaves nothing behind in the shell that it is pasted into", async () => {
    const connection = { type: "Https", name: "n", url: "https://example.com", headers: { a: "b" } } as const;
    const { curl } = equivalentsOf(here(connection));
    const after = await shell(`${curl}\nprintf ' %s%s' "\${body:-nothing}" "\${token:-}"; command -v escape || :`, {
      ...token,
      N_HEADERS_A: "b",
    });
    atlas.take();
    expect(after).toBe("made nothing");
  });
});

/** RFC 7616 with MD5 and `qop=auth`. */
function digestFor(received: Received | undefined, user: string, password: string): string {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const { nonce, nc, cnonce, uri } = parameters(received);
  return md5([md5(`${user}:MMS:${password}`), nonce, nc, cnonce, "auth", md5(`POST:${uri}`)].join(":"));
}

function digestOf(received: Received | undefined): string | undefined {
  return parameters(received)["response"];
}

function parameters(received: Received | undefined): Record<string, string> {
  const all = (received?.headers.authorization ?? "").matchAll(/(\w+)="?([^",]*)"?/g);
  return Object.fromEntries([...all].map(([, name = "", value = ""]) => [name, value]));
}
