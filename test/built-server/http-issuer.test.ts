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

/** What a client keeps of its authorization. */
class Memory implements OAuthClientProvider {
  readonly redirectUrl = "https://client.example/callback";
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = "";
  authorizationUrl: URL | undefined;
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

/** Connects a client whose person logs in. */
async function connected(person: string, mode: "legacy" | { pin: string }) {
  const memory = new Memory();
  const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode } });
  const transport = () => new StreamableHTTPClientTransport(new URL(server.url), { authProvider: memory });
  const first = transport();
  await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
  const { authorizationUrl } = memory;
  if (!authorizationUrl) throw new Error("The client did not ask its person");
  expect(authorizationUrl.searchParams.get("code_challenge_method")).toBe("S256");
  expect(authorizationUrl.searchParams.get("resource")).toBe(server.url);
  await first.finishAuth(await provider.logIn(authorizationUrl, person));
  await client.connect(transport());
  const token = memory.tokens()?.access_token ?? "";
  return { client, token };
}

describe.each([
  ["2025", "legacy"],
  ["2026", { pin: "2026-07-28" }],
] as const)("a client of the %s era", (_, mode) => {
  test("finds the issuer, has its person log in with PKCE, and calls a tool", async () => {
    const { client, token } = await connected("alice", mode);
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
