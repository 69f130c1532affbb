/**
 * What an SDK gets of the transport. It takes the callbacks of what it is connected to, so it gets callbacks of its
 * own: those of the transport belong to who started it.
 */
import type { JsonRpcMessage } from "./messages.ts";
import type { StdioTransport } from "./stdio.ts";

export class Connection {
  onmessage: ((message: JsonRpcMessage) => void) | undefined;
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  readonly #transport: StdioTransport;

  constructor(transport: StdioTransport) {
    this.#transport = transport;
  }

  /** Does nothing: the transport runs, or its first message would not be known. */
  async start(): Promise<void> {}

  send(message: JsonRpcMessage): Promise<void> {
    return this.#transport.send(message);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
