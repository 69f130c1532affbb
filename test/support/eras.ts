/** How each era of MCP is spoken to a bare server process. */
import { isObject, type JsonObject } from "../../src/json.ts";
import type { ServerProcess } from "./server-process.ts";

/** What every request of the 2026 era says of itself. */
export const ownMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Parameters as the 2026 era wants them. */
export const modern = (params: JsonObject = {}, meta: JsonObject = {}): JsonObject => ({
  ...params,
  _meta: { ...ownMeta, ...meta },
});

/** What a client of the 2026 era says in headers. */
export const headersOf = (method: string, params: JsonObject = {}): Record<string, string> => {
  const name = params["name"] ?? params["uri"];
  return {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(typeof name === "string" && { "mcp-name": name }),
  };
};

export interface Era {
  name: string;
  /** The first words of a client. */
  open(server: ServerProcess): Promise<JsonObject>;
  /** Parameters as this era wants them. */
  params(params?: JsonObject, meta?: JsonObject): JsonObject;
}

export const eras: readonly Era[] = [
  {
    name: "2025",
    open: (server) => server.initialize(),
    params: (params = {}, meta) => ({ ...params, ...(meta && { _meta: meta }) }),
  },
  { name: "2026", open: (server) => server.ask("server/discover", modern()), params: modern },
];

/** The result in an answer; throws where there is none. */
export function resultOf({ result, error }: JsonObject): JsonObject {
  if (!isObject(result)) throw new Error(`No result: ${JSON.stringify(error)}`);
  return result;
}
