/** Whatever is sent to it, the guard answers: with a refusal in JSON, or by letting a message through. */
import { createServer, request as httpRequest } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Guard } from "../../src/http-server/guard.ts";
import { IssuerKeys } from "../../src/http-server/issuer-keys.ts";
import { Limits } from "../../src/http-server/limits.ts";
import { type IssuerSettings, readServeSettings } from "../../src/http-server/settings.ts";
import { Tokens } from "../../src/http-server/tokens.ts";
import { createLog } from "../../src/log.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { listen } from "../support/listen.ts";

const publicUrl = "https://mcp.example/team/mcp";
const clock = fakeClock();

let issuer: Issuer;
let http: Awaited<ReturnType<typeof listen>>;
let admitted: unknown[];
let token: string;

beforeAll(async () => {
  issuer = await startIssuer(publicUrl, clock.now);
  token = await issuer.token();
  const settings = readServeSettings(
    {
      ATLAS_STREAMS_MCP_PUBLIC_URL: publicUrl,
      ATLAS_STREAMS_MCP_ISSUER: issuer.url,
      ATLAS_STREAMS_MCP_ALLOWED_ORIGINS: "https://app.example",
      ATLAS_STREAMS_MCP_CALLS_PER_MINUTE: "100000",
    },
    true,
  );
  const log = createLog({ level: "error", write: () => {}, clock });
  const issuerSettings: IssuerSettings | undefined = settings.issuer;
  if (!issuerSettings) throw new Error("There is no issuer");
  const keys = new IssuerKeys(issuer.url, { proxy: false, clock, log });
  const guard = new Guard({
    settings,
    url: new URL(publicUrl),
    tokens: new Tokens(issuerSettings, keys, clock),
    limits: new Limits(settings, clock),
    log,
    onTokenRefused: () => {},
    onLimited: () => {},
  });
  const server = createServer((request, response) => {
    guard.admit(request, response).then(
      (found) => {
        if (!found) return;
        admitted.push(found.message);
        found.end();
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      },
      () => response.destroy(),
    );
  });
  http = await listen(server);
});
afterAll(async () => {
  await Promise.all([http.close(), issuer.close()]);
});

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

const send = ({ method, path, headers, body }: Sent): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port: http.port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject).end(body);
  });

const often = <T>(usual: T, other: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, other);
const headerText = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,60}[\x21-\x7e])?$/);

test("it lets through nothing but messages of known callers to the one address, and answers everything", async () => {
  const right = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        method: often("POST", fc.constantFrom("GET", "PUT", "DELETE", "PATCH", "OPTIONS")),
        path: often(
          "/team/mcp",
          fc.webPath().map((path) => `/${path.replace(/^\//, "")}`),
        ),
        host: often("mcp.example", headerText),
        origin: often<string | undefined>(undefined, fc.oneof(headerText, fc.constant("https://app.example"))),
        authorization: often<string | undefined>(
          "right",
          fc.oneof(
            fc.constant(undefined),
            headerText,
            headerText.map((text) => `Bearer ${text}`),
          ),
        ),
        body: often(JSON.stringify(right), fc.oneof(fc.string(), fc.json())),
      }),
      async ({ method, path, host, origin, authorization, body }) => {
        admitted = [];
        const { status, text } = await send({
          method,
          path,
          body: method === "GET" ? "" : body,
          headers: {
            host,
            "content-length": String(method === "GET" ? 0 : Buffer.byteLength(body)),
            ...(origin !== undefined && { origin }),
            ...(authorization !== undefined && {
              authorization: authorization === "right" ? `Bearer ${token}` : authorization,
            }),
          },
        });
        expect(status).toBeLessThan(500);
        if (text !== "") JSON.parse(text);
        const isRight =
          method === "POST" &&
          path.replace(/\?.*/, "") === "/team/mcp" &&
          ["mcp.example", "mcp.example:443"].includes(host.toLowerCase()) &&
          (origin === undefined || origin === "https://app.example") &&
          (authorization === "right" || authorization === `Bearer ${token}`);
        if (!isRight) expect(admitted).toEqual([]);
        if (isRight && body === JSON.stringify(right)) expect([status, admitted]).toEqual([200, [right]]);
        if (status === 200 && method === "POST") expect(admitted).toHaveLength(1);
      },
    ),
    { numRuns: 300 },
  );
});

test("the metadata of an address with a path is at the well-known place before that path", async () => {
  const at = (path: string) => send({ method: "GET", path, headers: { host: "mcp.example" }, body: "" });
  const { status, text } = await at("/.well-known/oauth-protected-resource/team/mcp");
  expect([status, JSON.parse(text)]).toMatchObject([
    200,
    { resource: publicUrl, authorization_servers: [issuer.url], bearer_methods_supported: ["header"] },
  ]);
  expect(await at("/.well-known/oauth-protected-resource")).toMatchObject({ status: 404 });
  const path = "/.well-known/oauth-protected-resource/team/mcp";
  const headers = { host: "mcp.example", origin: "https://any.example", "access-control-request-method": "GET" };
  expect(await send({ method: "OPTIONS", path, headers, body: "" })).toMatchObject({ status: 204 });
  expect(await send({ method: "POST", path, headers: { host: "mcp.example" }, body: "" })).toMatchObject({
    status: 405,
  });
});

test.each(["mcp.example:8080", "127.0.0.1", "localhost", "mcp.example.evil.example", "evil.example"])(
  "Host %s is not the public one",
  async (host) => {
    const headers = {
      host,
      authorization: `Bearer ${token}`,
      "x-forwarded-host": "mcp.example",
      forwarded: "host=mcp.example",
    };
    expect(await send({ method: "POST", path: "/team/mcp", headers, body: "{}" })).toMatchObject({ status: 403 });
  },
);
