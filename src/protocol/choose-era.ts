/**
 * The first request decides which era of MCP is spoken, for as long as the process lives. Only that era's SDK is
 * loaded: most of the time until the first answer goes into that.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import type { Services } from "../tool/context.ts";
import { Connection } from "./connection.ts";
import { claimedRevision, isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./messages.ts";
import type { StdioTransport } from "./stdio.ts";

/** Starts the transport, and serves it until it closes; then calls `closed`. */
export async function serveChosenEra(transport: StdioTransport, services: Services, closed: () => void): Promise<void> {
  const connection = new Connection(transport);
  transport.onclose = () => {
    connection.onclose?.();
    closed();
  };
  const early: JsonRpcMessage[] = [];
  const first = await new Promise<JsonRpcRequest>((resolve) => {
    transport.onmessage = (message) => {
      const opens = early.length === 0 && isRequest(message);
      // Whatever comes before the first request refers to nothing.
      if (opens || early.length > 0) early.push(message);
      if (opens) resolve(message);
    };
    void transport.start();
  });
  const serve =
    claimedRevision(first) !== undefined
      ? (await import("./era-2026.ts")).serve2026
      : (await import("./era-2025.ts")).serve2025;
  await serve(connection, services);
  // In one go with what follows, so that no later message gets ahead.
  for (const message of early) connection.onmessage?.(message);
  transport.onmessage = (message) => connection.onmessage?.(message);
}
