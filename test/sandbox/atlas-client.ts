/** A plain client of the sandbox: fetch, with the headers that Atlas wants. */
import { type AtlasRequest, headersOf } from "../../src/atlas/endpoints.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import type { Sandbox } from "../../src/sandbox/start.ts";

export const shopPath = `/api/atlas/v2/groups/${sandboxProject.groupId}`;
export const streamsPath = `${shopPath}/streams`;
export const connectionsPath = `${streamsPath}/${sandboxTenant}/connections`;
export const accept = "application/vnd.atlas.2025-03-12+json";

export const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
export const bearer = (token: string) => `Bearer ${token}`;

export interface Sent {
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

export interface Got {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  /** The parsed body; undefined when it is no JSON. */
  body: unknown;
}

/** Sends a request as the ready-made token's owner; a header that is given as undefined is left out. */
export async function ask(sandbox: Sandbox, method: string, path: string, sent: Sent = {}): Promise<Got> {
  const headers = {
    accept,
    authorization: bearer(sandboxCredentials.accessToken),
    ...(sent.body === undefined ? {} : { "content-type": "application/json" }),
    ...sent.headers,
  };
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
    body: bodyOf(sent.body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  return { status: response.status, headers: response.headers, bytes, text, body: parsed(text) };
}

/** Sends a request of the server's own as the ready-made token's owner. */
export const perform = (sandbox: Sandbox, request: AtlasRequest): Promise<Got> =>
  ask(sandbox, request.method, request.path, { body: request.body, headers: headersOf(request) });

/** Asks the token endpoint as a service account does. */
export function askForToken(sandbox: Sandbox, sent: Sent = {}): Promise<Got> {
  return ask(sandbox, "POST", "/api/oauth/token", {
    body: "grant_type=client_credentials",
    ...sent,
    headers: {
      accept: "application/json",
      authorization: basic(sandboxCredentials.clientId, sandboxCredentials.clientSecret),
      "content-type": "application/x-www-form-urlencoded",
      ...sent.headers,
    },
  });
}

/** The value at a path of a parsed body. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

function bodyOf(body: unknown): string | null {
  if (body === undefined) return null;
  return typeof body === "string" ? body : JSON.stringify(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
