/**
 * What stands before the protocol: which address is served, from where, who calls, and how much. What it refuses has
 * reached nothing behind it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopback } from "../config/settings.ts";
import type { Log } from "../log.ts";
import { classOf } from "../policy/rule.ts";
import { unsupportedRevision } from "../protocol/http.ts";
import { errorCodes, isRequest, type JsonRpcMessage } from "../protocol/messages.ts";
import { lineTooLong, readMessage } from "../protocol/read-message.ts";
import { generatedTools } from "../tools/generated/tools.ts";
import { packageName } from "../version.ts";
import type { Limited, Limits } from "./limits.ts";
import { type IssuerSettings, isLoopbackHost, type ServeSettings } from "./settings.ts";
import { type Bearer, isGiven, type Refusal, TokenRefused, type Tokens } from "./tokens.ts";

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** How much of a body that is too large is read, so that a client that is still sending gets to its answer. */
const MAX_READ_BYTES = 16 * MAX_BODY_BYTES;
/** JSON-RPC leaves -32000 to servers; the SDK says what HTTP refuses with it. */
const REFUSED = -32_000;

/** A request that may be served. */
export interface Admitted {
  message: JsonRpcMessage;
  /** Without an issuer nobody is known. */
  bearer?: Bearer;
  /** To be called when the request has ended. */
  end(): void;
}

interface Dependencies {
  settings: ServeSettings;
  /** The address under which clients reach this server. */
  url: URL;
  /** Where there is an issuer. */
  tokens?: Tokens;
  limits: Limits;
  log: Log;
  onTokenRefused(refusal: Refusal): void;
  onLimited(limit: Limited["limit"]): void;
}

export class Guard {
  readonly #dependencies: Dependencies;
  /** What `Host` may be. */
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #metadata: { path: string; url: string };

  constructor(dependencies: Dependencies) {
    const { settings, url } = dependencies;
    this.#dependencies = dependencies;
    this.#hosts = hostsOf(settings, url);
    this.#origins = new Set(settings.allowedOrigins);
    const path = `/.well-known/oauth-protected-resource${url.pathname === "/" ? "" : url.pathname}`;
    this.#metadata = { path, url: new URL(path, url).href };
  }

  /** What may be served; undefined where the request was answered here. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<Admitted | undefined> {
    const { settings, url, tokens, log } = this.#dependencies;
    const { method, headers } = request;
    if (!this.#hosts.has((headers.host ?? "").toLowerCase()))
      return refuse(response, 403, "This server is not reached under that Host");
    const path = (request.url ?? "").replace(/\?.*/s, "");
    if (path === this.#metadata.path && settings.issuer) {
      // It is for everybody, pages included.
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Allow-Headers", "*");
      if (method === "OPTIONS") return void response.writeHead(204).end();
      return method === "GET" ? this.#sendMetadata(response, settings.issuer) : notAllowed(response, "GET");
    }
    if (path !== url.pathname) return refuse(response, 404, `MCP is served at ${url.pathname}`);
    const { origin } = headers;
    if (origin !== undefined) {
      if (!this.#origins.has(origin)) return refuse(response, 403, "Pages of that Origin may not call this server");
      allowOrigin(response, origin);
      if (method === "OPTIONS") return void response.writeHead(204).end();
    }
    if (method !== "POST") return notAllowed(response, "POST");

    let bearer: Bearer | undefined;
    if (tokens) {
      try {
        bearer = await tokens.bearerOf(headers.authorization);
      } catch (error) {
        if (!(error instanceof TokenRefused)) throw error;
        this.#dependencies.onTokenRefused(error.refusal);
        log.info("A token was refused", { refusal: error.refusal });
        return this.#refuseToken(response, error);
      }
    }

    const body = await bodyOf(request);
    const content = Buffer.isBuffer(body) ? readMessage(body) : lineTooLong(body.beginning, MAX_BODY_BYTES);
    if (content?.kind === "invalid") return send(response, Buffer.isBuffer(body) ? 400 : 413, content.response);
    if (content?.kind !== "message")
      return refuse(response, 400, "The body is no JSON-RPC message", errorCodes.invalidRequest);
    const { message } = content;
    const id = isRequest(message) ? message.id : null;
    const unsupported = unsupportedRevision(request, message);
    if (unsupported) return send(response, 400, unsupported);

    if (settings.issuer && bearer) {
      const scopes = scopesLacking(message, settings.issuer, bearer);
      if (scopes) return this.#refuseScope(response, scopes);
    }

    const admitted = this.#dependencies.limits.begin(bearer?.subject ?? "", isFree(message));
    if (typeof admitted === "function") return { message, ...(bearer && { bearer }), end: admitted };
    const { limit, retryAfter } = admitted;
    this.#dependencies.onLimited(limit);
    response.setHeader("Retry-After", String(retryAfter));
    const what =
      limit === "concurrent"
        ? `more than ${settings.concurrent} requests at once`
        : `more than ${settings.callsPerMinute} requests a minute`;
    return refuse(
      response,
      429,
      `This caller has made ${what}; nothing was done. Ask again in ${retryAfter} s`,
      REFUSED,
      id,
    );
  }

  /** RFC 9728, section 2. */
  #sendMetadata(response: ServerResponse, { issuer, scopes }: IssuerSettings): undefined {
    const names = [...new Set(Object.values(scopes))];
    return send(response, 200, {
      resource: this.#dependencies.url.href,
      authorization_servers: [issuer],
      bearer_methods_supported: ["header"],
      ...(names.length > 0 && { scopes_supported: names }),
      resource_name: packageName,
    });
  }

  #refuseToken(response: ServerResponse, { status, refusal, message }: TokenRefused): undefined {
    if (status === 503) response.setHeader("Retry-After", "5");
    if (status === 401)
      // RFC 6750, section 3.1: nothing is wrong with a token that was not sent.
      response.setHeader("WWW-Authenticate", this.#challenge(refusal === "missing" ? {} : invalidToken(message)));
    const error = { 401: "invalid_token", 403: "access_denied", 503: "temporarily_unavailable" }[status];
    return send(response, status, { error, error_description: message });
  }

  #refuseScope(response: ServerResponse, scopes: readonly string[]): undefined {
    const error = "insufficient_scope";
    const message = `The token was not given the scopes that this needs: ${scopes.join(" ")}`;
    response.setHeader(
      "WWW-Authenticate",
      this.#challenge({ error, error_description: message, scope: scopes.join(" ") }),
    );
    return send(response, 403, { error, error_description: message });
  }

  #challenge(parameters: Readonly<Record<string, string>>): string {
    const all = Object.entries({ ...parameters, resource_metadata: this.#metadata.url });
    return `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(", ")}`;
  }
}

const invalidToken = (message: string) => ({ error: "invalid_token", error_description: message });

/** What `Host` may be: the public address, or without one, the loopback address that is listened at by any of its names. */
function hostsOf({ publicUrl, listen }: ServeSettings, url: URL): Set<string> {
  const withPort = ({ hostname, port, protocol }: URL) => {
    const usual = protocol === "https:" ? "443" : "80";
    const names = [`${hostname}:${port || usual}`];
    return port === "" || port === usual ? [hostname, ...names] : names;
  };
  if (publicUrl) return new Set(withPort(publicUrl));
  if (!isLoopbackHost(listen.host) && !isLoopback(url.hostname)) return new Set(withPort(url));
  return new Set(["localhost", "127.0.0.1", "[::1]"].map((host) => `${host}:${url.port || "80"}`));
}

/** Which scopes a call needs that its token lacks, with those that it has: a client asks for all of them anew. */
function scopesLacking(message: JsonRpcMessage, { scopes }: IssuerSettings, bearer: Bearer): string[] | undefined {
  if (!isRequest(message) || message.method !== "tools/call") return undefined;
  const tool = generatedTools.find(({ name }) => name === message.params?.["name"]);
  const needed = tool && scopes[classOf(tool)];
  if (needed === undefined || isGiven(needed, bearer)) return undefined;
  return [...new Set(Object.values(scopes))].filter((scope) => scope === needed || isGiven(scope, bearer));
}

/** What a client has to say before it can ask anything, and notifications. */
function isFree(message: JsonRpcMessage): boolean {
  return !isRequest(message) || ["initialize", "server/discover", "ping"].includes(message.method);
}

/** The body of a request, or the beginning of one that is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | { beginning: Buffer }> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    length += piece.length;
    if (length <= MAX_BODY_BYTES || pieces.length === 0) pieces.push(piece);
    if (length > MAX_READ_BYTES) throw new Error("A body without end");
  }
  const body = Buffer.concat(pieces);
  return length > MAX_BODY_BYTES ? { beginning: body.subarray(0, 64 * 1024) } : body;
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("Vary", "Origin");
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Methods", "POST");
  response.setHeader(
    "Access-Control-Allow-Headers",
    "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name",
  );
  response.setHeader("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After");
}

function notAllowed(response: ServerResponse, allowed: string): undefined {
  response.setHeader("Allow", allowed);
  return refuse(response, 405, `Only ${allowed} is served here: there are no sessions`);
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  code: number = REFUSED,
  id: string | number | null = null,
): undefined {
  return send(response, status, { jsonrpc: "2.0", id, error: { code, message } });
}

function send(response: ServerResponse, status: number, body: object): undefined {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(text);
  return undefined;
}
