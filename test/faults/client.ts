/** The SDK's client on a server child, so that calls go the way that agents' calls go. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Result } from "../../src/tools/result.ts";
import { type ServerChild, startChild } from "./child.ts";

/** The SDK's own stdio transport keeps the child's output to itself. */
class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #child: ServerChild;

  constructor(child: ServerChild) {
    this.#child = child;
  }

  async start(): Promise<void> {
    this.#child.onLine((line) => {
      const message = JSONRPCMessageSchema.safeParse(JSON.parse(line));
      if (message.success) this.onmessage?.(message.data);
      else this.onerror?.(message.error);
    });
    this.#child.onExit(() => this.onclose?.());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#child.write(`${JSON.stringify(message)}\n`);
  }

  async close(): Promise<void> {
    await this.#child.close();
  }
}

export interface ConnectedServer {
  child: ServerChild;
  /** Calls `create_stream_connection`. */
  create(args: Record<string, unknown>, signal?: AbortSignal): Promise<Result & { isError: boolean }>;
  close(): Promise<void>;
}

export async function connectServer(env: Readonly<Record<string, string>>): Promise<ConnectedServer> {
  const child = startChild(env);
  const client = new Client({ name: "faults", version: "0" });
  await client.connect(new ChildTransport(child));
  // From here on the client checks every result against the published output schema.
  await client.listTools();
  return {
    child,
    async create(args, signal) {
      const { structuredContent, isError, content } = await client.callTool(
        { name: "create_stream_connection", arguments: args },
        undefined,
        // The bench has limits of its own, per fault.
        { timeout: 120_000, ...(signal && { signal }) },
      );
      const [block] = Array.isArray(content) ? content : [];
      if (JSON.stringify(structuredContent) !== block?.text)
        throw new Error("The text block is not the structured content");
      return { ...(structuredContent as Result), isError: isError === true };
    },
    close: () => client.close(),
  };
}
