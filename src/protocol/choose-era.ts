/**
 * The first request decides which era of MCP is spoken, for as long as the process lives. Only that era's SDK is
 * loaded, which takes most of the time until the first response.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
import { config } from "zod/v4/core";
import type { Services } from "../services.ts";
import { claimedRevision, isRequest, type JsonRpcMessage, type JsonRpcRequest } from "./messages.ts";
import type { StdioTransport, Transport } from "./stdio.ts";

/** Starts `transport`, serves it until it closes, and then calls `onClosed`. */
export async function serveChosenEra(
  transport: StdioTransport,
  services: Services,
  onClosed: () => void,
): Promise<void> {
  // An SDK sets the callbacks of its transport. Those of `transport` are in use here, since it has to run before its first
  // message is known, so the SDK gets one that stands for it.
  const sdkTransport: Transport = {
    onmessage: undefined,
    onclose: undefined,
    onerror: undefined,
    start: () => Promise.resolve(),
    send: (message) => transport.send(message),
    close: () => transport.close(),
  };
  transport.onclose = () => {
    sdkTransport.onclose?.();
    onClosed();
  };
  const queued: JsonRpcMessage[] = [];
  const firstRequest = await new Promise<JsonRpcRequest>((resolve) => {
    transport.onmessage = (message) => {
      if (queued.length > 0) queued.push(message);
      else if (isRequest(message)) {
        queued.push(message);
        resolve(message);
      }
      // Anything else before the first request refers to nothing.
    };
    void transport.start();
  });
  const serveEra = await loadEra(firstRequest);
  await serveEra(sdkTransport, services);
  // All in the same turn, so that no later message overtakes the queue.
  for (const message of queued) sdkTransport.onmessage?.(message);
  transport.onmessage = (message) => sdkTransport.onmessage?.(message);
}

async function loadEra(firstRequest: JsonRpcRequest) {
  // Both SDKs check messages with zod 4, which by default compiles each schema on its first use. That delays the first
  // responses and hardly speeds up later ones. It has to be off before an SDK is loaded.
  config({ jitless: true });
  return claimedRevision(firstRequest) === undefined
    ? (await import("./era-2025.ts")).serve2025
    : (await import("./era-2026.ts")).serve2026;
}
