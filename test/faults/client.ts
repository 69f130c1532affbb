/** The SDKs' clients on a server child, so that calls go the way that agents' calls go, in either era of MCP. */
import { Client as Client2026, parseJSONRPCMessage } from "@modelcontextprotocol/client";
import { Client as Client2025 } from "@modelcontextprotocol/sdk/client/index.js";
import { JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Result } from "../support/call-result.ts";
import { resultOfCall } from "../support/call-result.ts";
import { type ServerChild, startChild } from "./child.ts";

export const eras = ["2025", "2026"] as const;
export type Era = (typeof eras)[number];

/** The SDKs' own stdio transports keep the child's output to themselves. `read` throws for what is no message. */
class ChildTransport<Message> {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: Message) => void;
  readonly #child: ServerChild;
  readonly #read: (line: unknown) => Message;

  constructor(child: ServerChild, read: (line: unknown) => Message) {
    this.#child = child;
    this.#read = read;
  }

  async start(): Promise<void> {
    this.#child.onLine((line) => {
      try {
        this.onmessage?.(this.#read(JSON.parse(line)));
      } catch (error) {
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.#child.onExit(() => this.onclose?.());
  }

  async send(message: Message): Promise<void> {
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
  /** Calls any tool. */
  call(tool: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<Result & { isError: boolean }>;
  close(): Promise<void>;
}

interface CallOptions {
  timeout: number;
  signal?: AbortSignal;
}

const clientInfo = { name: "faults", version: "0" };

const connect = {
  async "2025"(child: ServerChild) {
    const client = new Client2025(clientInfo);
    await client.connect(new ChildTransport(child, (line) => JSONRPCMessageSchema.parse(line)));
    await client.listTools();
    return {
      call: (params: Parameters<Client2025["callTool"]>[0], options: CallOptions) =>
        client.callTool(params, undefined, options),
      close: () => client.close(),
    };
  },
  async "2026"(child: ServerChild) {
    const client = new Client2026(clientInfo, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    await client.connect(new ChildTransport(child, parseJSONRPCMessage));
    await client.listTools();
    return {
      call: (params: Parameters<Client2026["callTool"]>[0], options: CallOptions) => client.callTool(params, options),
      close: () => client.close(),
    };
  },
};

export async function connectServer(
  env: Readonly<Record<string, string>>,
  era: Era = "2025",
): Promise<ConnectedServer> {
  const child = startChild(env);
  // With the list of tools, the client checks every result against the published output schema.
  const { call, close } = await connect[era](child);
  const callTool: ConnectedServer["call"] = async (name, args, signal) =>
    // The bench has limits of its own, per fault.
    resultOfCall(await call({ name, arguments: args }, { timeout: 120_000, ...(signal && { signal }) }));
  return {
    child,
    create: (args, signal) => callTool("create_stream_connection", args, signal),
    call: callTool,
    close,
  };
}
