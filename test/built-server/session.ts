/** The tools of the built server, called one by one against a sandbox; what holds of every result is checked here. */
import { Ajv, type ValidateFunction } from "ajv";
import { expect } from "vitest";
import { isObject } from "../../src/json.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import type { StoredConnection, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";
import type { Result } from "../support/call-result.ts";
import type { RecordedRequest, Sandbox } from "../support/sandbox.ts";
import type { RunningServer } from "../support/server.ts";
import { undescribed } from "./described-requests.ts";

export type Called = Result & { isError: boolean };
type CallOptions = Parameters<RunningServer["client"]["callTool"]>[2];

export interface Session {
  sandbox: Sandbox;
  server: RunningServer;
  /** Calls a tool; its result must fit its schema, be its own text, and hold neither links nor secrets. */
  call(tool: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Called>;
  /** Puts a connection into the empty workspace as if it had been there all along. */
  put(connection: StoredConnection["body"], readyAfterMs?: number): StoredConnection;
  /** The requests since the last reset. */
  sent(method: string): RecordedRequest[];
  /** Forgets faults and requests, after Atlas's description was asked about the latter. */
  reset(): void;
  close(): Promise<void>;
}

/** Secrets of the seeded data and of the session; none of them is ever shown. */
const seededSecrets = ["seeded-kafka-password", "seeded-header-secret", sandboxCredentials.accessToken];

type Options = NonNullable<Parameters<typeof startOnSandbox>[0]> & { secrets?: string[] };

export async function startSession({ secrets = [], ...options }: Options = {}): Promise<Session> {
  const on: ServerOnSandbox = await startOnSandbox(options);
  const { sandbox, server } = on;
  const { tools } = await server.client.listTools();
  const ajv = new Ajv();
  const validators = new Map(tools.map(({ name, outputSchema }) => [name, ajv.compile(Object(outputSchema))]));
  const hidden = [...seededSecrets, ...secrets];

  return {
    sandbox,
    server,
    async call(tool, args = {}, callOptions) {
      const answer = await server.client.callTool({ name: tool, arguments: args }, undefined, callOptions);
      const result = answer.structuredContent as Result;
      expect(answer["content"]).toEqual([{ type: "text", text: JSON.stringify(result) }]);
      expectToFit(validators.get(tool), result);
      expect(linksIn(result)).toEqual([]);
      expect(hidden.filter((secret) => JSON.stringify(result).includes(secret))).toEqual([]);
      const isError = answer.isError === true;
      expect(isError).toBe(result.outcome === "failed");
      return { ...result, isError };
    },
    put: (connection, readyAfterMs = 0) => addConnection(emptyWorkspace(sandbox), connection, readyAfterMs),
    sent: (method) => sandbox.requests.filter((request) => request.method === method),
    reset() {
      const objections = undescribed(sandbox.requests);
      sandbox.faults.clear();
      sandbox.requests.length = 0;
      expect(objections).toEqual([]);
    },
    async close() {
      await on.close();
      expect(hidden.filter((secret) => server.stderr().includes(secret))).toEqual([]);
    },
  };
}

/** The workspace of `place`. */
export function emptyWorkspace({ state }: Sandbox): StoredWorkspace {
  const workspace = state.workspace(place.groupId, place.tenantName);
  if (!workspace) throw new Error("The sandbox lost its empty workspace");
  return workspace;
}

/** What Atlas has of a connection in that workspace, secrets included. */
export const stored = ({ state }: Sandbox, name: string) => state.connection(place.groupId, place.tenantName, name);

function expectToFit(validate: ValidateFunction | undefined, result: unknown): void {
  expect([validate?.(result), validate?.errors]).toEqual([true, null]);
}

/** Paths of everything called `links`. */
function linksIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => linksIn(item, `${path}.${index}`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === "links" ? [`${path}.${key}`] : []),
    ...linksIn(inner, `${path}.${key}`),
  ]);
}
