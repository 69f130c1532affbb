/**
 * A real issuer on loopback: `oidc-provider`, with people who log in without being asked. Its access tokens are JWTs for
 * the resource that a client names, with the groups of the person.
 */
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { listen } from "./listen.ts";

export interface OidcProvider {
  issuer: string;
  /** Follows an authorization URL as the browser of a person does, to the query that the client is called back with. */
  logIn(authorizationUrl: URL, person: string): Promise<URLSearchParams>;
  close(): Promise<void>;
}

interface Options {
  /** People, and the groups that each is in. */
  people: Readonly<Record<string, readonly string[]>>;
  /** All scopes that there are for a resource. */
  scopes?: string;
}

export async function startOidcProvider({ people, scopes = "" }: Options): Promise<OidcProvider> {
  const server = createServer();
  const { port, close } = await listen(server);
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "signing" }] },
    scopes: ["openid", "offline_access", ...scopes.split(" ")].filter(Boolean),
    cookies: { keys: ["only on this machine"] },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_: unknown, __: unknown, oneOf: unknown) => oneOf,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: scopes,
          audience: resource,
          accessTokenFormat: "jwt",
          accessTokenTTL: 300,
        }),
      },
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_: unknown, { accountId }: { accountId?: string }) => ({
      groups: people[accountId ?? ""] ?? [],
    }),
    ttl: { Session: 300, Interaction: 300, Grant: 300, AccessToken: 300, IdToken: 300 },
  });
  const serve = provider.callback();

  server.on("request", (request, response) => {
    const answer = async () => {
      if (!request.url?.startsWith("/interaction/")) return serve(request, response);
      const { params, prompt, session, grantId } = await provider.interactionDetails(request, response);
      if (prompt.name === "login")
        return provider.interactionFinished(request, response, { login: { accountId: String(params["login_hint"]) } });
      if (grantId !== undefined || !session) throw new Error("An interaction that no test has");
      const grant = new provider.Grant({ accountId: session.accountId, clientId: String(params["client_id"]) });
      const asked = String(params["scope"] ?? "");
      if (asked !== "") grant.addOIDCScope(asked);
      grant.addResourceScope(String(params["resource"]), asked);
      return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  return { issuer, logIn, close };
}

async function logIn(authorizationUrl: URL, person: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  let url = new URL(authorizationUrl);
  url.searchParams.set("login_hint", person);
  const { origin } = url;
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`The issuer does not go on: ${response.status} ${await response.text()}`);
    url = new URL(location, url);
    if (url.origin !== origin) return url.searchParams;
  }
  throw new Error("The issuer goes on and on");
}
