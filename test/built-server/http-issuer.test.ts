/** `serve` with an issuer: a real one that people log in at through the SDK's client, and what its tokens allow. */
import {
  Client,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isObject } from "../../src/json.ts";
import { headersOf, modern } from "../support/eras.ts";
import { freePort, type HttpServer, startHttpServer } from "../support/http-server.ts";
import { startIssuer } from "../support/issuer.ts";
import { type OidcProvider, startOidcProvider } from "../support/oidc-provider.ts";

const scopes = { read: "asp:read", write: "asp:write", delete: "asp:delete" };

let provider: OidcProvider;
let server: HttpServer;
beforeAll(async () => {
  provider = await startOidcProvider({
    people: { alice: ["asp-pay"], bob: [] },
    scopes: Object.values(scopes).join(" "),
  });
  const port = await freePort();
  server = await startHttpServer({
    args: [
      ...["--sandbox", "--listen", `127.0.0.1:${port}`, "--public-url", `http://127.0.0.1:${port}/mcp`],
      ...[
        "--issuer",
        provider.issuer,
        "--scopes",
        Object.entries(scopes)
          .map((pair) => pair.join("="))
          .join(),
      ],
    ],
  });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

type Discovered = Parameters<NonNullable<OAuthClientProvider["saveDiscoveryState"]>>[0];

/** What a client keeps of its authorization. */
class Memory implements OAuthClientProvider {
  readonly redirectUrl = "https://client.example/callback";
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = "";
  #discovered: Discovered | undefined;
  authorizationUrl: URL | undefined;
  /** The resource that tokens are asked for; by default the server. */
  readonly #resource: string | undefined;
  constructor(resource?: string) {
    this.#resource = resource;
  }
  validateResourceURL(server: string | URL) {
    return Promise.resolve(new URL(this.#resource ?? server));
  }
  saveDiscoveryState(state: Discovered) {
    this.#discovered = state;
  }
  discoveryState() {
    return this.#discovered;
  }
  get clientMetadata() {
    return { client_name: "t", redirect_uris: [this.redirectUrl], token_endpoint_auth_method: "none" };
  }
  clientInformation() {
    return this.#client;
  }
  saveClientInformation(information: OAuthClientInformationMixed) {
    this.#client = information;
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens: OAuthTokens) {
    this.#tokens = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.authorizationUrl = url;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
}

const clientOf = (mode: "legacy" | { pin: string }) =>
  new Client({ name: "t", version: "1" }, { versionNegotiation: { mode } });

/** Has a person log in for a client; the client asks for these scopes too. */
async function loggedIn(person: string, memory: Memory, scopes: string[] = []): Promise<OAuthTokens> {
  const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider: memory });
  await expect(clientOf("legacy").connect(transport)).rejects.toBeInstanceOf(UnauthorizedError);
  const { authorizationUrl } = memory;
  if (!authorizationUrl) throw new Error("The client did not ask its person");
  expect(authorizationUrl.searchParams.get("code_challenge_method")).toBe("S256");
  const asked = authorizationUrl.searchParams.get("scope") ?? "";
  authorizationUrl.searchParams.set("scope", [...asked.split(" "), ...scopes].join(" "));
  await transport.finishAuth(await provider.logIn(authorizationUrl, person));
  const tokens = memory.tokens();
  if (!tokens) throw new Error("The client got no token");
  return tokens;
}

describe.each([
  ["2025", "legacy"],
  ["2026", { pin: "2026-07-28" }],
] as const)("a client of the %s era", (_, mode) => {
  test("finds the issuer, has its person log in with PKCE, and calls a tool", async () => {
    const memory = new Memory();
    const { access_token: token } = await loggedIn("alice", memory);
    const client = clientOf(mode);
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { authProvider: memory }));
    expect(decodeJwt(token)).toMatchObject({
      iss: provider.issuer,
      sub: "alice",
      aud: server.url,
      groups: ["asp-pay"],
    });
    const result = await client.callTool({ name: "list_projects", arguments: {} });
    expect(result.structuredContent).toMatchObject({ outcome: "ok" });
    await client.close();
    expect(server.process.stderr()).not.toContain(token);
  });
});

describe("of the same issuer and person, it takes neither", () => {
  const refused = async (token: string | undefined, issuedTo: string) => {
    expect(decodeJwt(token ?? "")).toMatchObject({ iss: provider.issuer, sub: "alice", aud: issuedTo });
    const { status, message } = await server.ask("tools/list", {}, { authorization: `Bearer ${token}` });
    expect([status, message["error"]]).toEqual([401, "invalid_token"]);
  };

  test("an ID token", async () => {
    const memory = new Memory();
    // A client that registers by itself is allowed no scopes but those of the server.
    const response = await fetch(`${provider.issuer}/reg`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(memory.clientMetadata),
    });
    const registered: unknown = await response.json();
    const id = isObject(registered) ? String(registered["client_id"]) : "";
    memory.saveClientInformation({ client_id: id, issuer: provider.issuer });
    const { id_token: token } = await loggedIn("alice", memory, ["openid"]);
    await refused(token, id);
  });

  test("a token for another server", async () => {
    const other = "https://other.example/mcp";
    const { access_token: token } = await loggedIn("alice", new Memory(other));
    await refused(token, other);
  });
});

test("metadata says who the issuer is", async () => {
  const response = await fetch(new URL("/.well-known/oauth-protected-resource/mcp", server.url));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    resource: server.url,
    authorization_servers: [provider.issuer],
    bearer_methods_supported: ["header"],
    scopes_supported: Object.values(scopes),
  });
});

describe("without a token that can be used", () => {
  const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list", params: modern() };
  const metadata = () => new URL("/.well-known/oauth-protected-resource/mcp", server.url).href;

  test("the answer is 401, and says where the metadata is", async () => {
    const response = await server.post(listTools, headersOf("tools/list"));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(`Bearer resource_metadata="${metadata()}"`);
  });

  test("and what is wrong with the one that was sent", async () => {
    const headers = { ...headersOf("tools/list"), authorization: "Bearer abc" };
    const response = await server.post(listTools, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(
      /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata="/,
    );
    expect((await server.page("/metrics")).text).toContain('atlas_streams_mcp_unauthorized_total{reason="malformed"} ');
  });

  test("not even the era is told", async () => {
    expect((await server.post("{}", {})).status).toBe(401);
  });
});

test("while the issuer is down nothing is served, and nobody is sent to log in; then it is", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const issuer = await startIssuer(url);
  issuer.isDown = true;
  const waiting = await startHttpServer({
    args: ["--sandbox", "--listen", `127.0.0.1:${port}`, "--public-url", url, "--issuer", issuer.url],
  });
  try {
    expect(await waiting.page("/readyz")).toMatchObject({ status: 503, text: expect.stringContaining("keys") });
    const authorization = `Bearer ${await issuer.token()}`;
    const response = await waiting.post("{}", { authorization });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(response.headers.get("www-authenticate")).toBeNull();
    issuer.isDown = false;
    await vi.waitFor(async () => expect(await waiting.page("/readyz")).toMatchObject({ status: 200 }), {
      timeout: 15_000,
    });
    expect(await waiting.call("list_projects", {}, { authorization })).toMatchObject({ outcome: "ok" });
  } finally {
    await waiting.close();
    await issuer.close();
  }
});
