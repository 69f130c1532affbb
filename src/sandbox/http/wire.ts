/** Writes a reply to the client, whole or in one of the ways in which it can go wrong. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordedRequest } from "./recorded-request.ts";
import type { Reply } from "./reply.ts";

/** One request's way back to its client. */
export class Wire {
  readonly #response: ServerResponse;
  readonly #recorded: RecordedRequest;
  readonly #closing: AbortSignal;

  /** `closing` ends whatever waits here when the sandbox is closed. */
  constructor(response: ServerResponse, recorded: RecordedRequest, closing: AbortSignal) {
    this.#response = response;
    this.#recorded = recorded;
    this.#closing = closing;
  }

  send(reply: Reply): void {
    this.#head(reply);
    this.#response.end(reply.bytes);
  }

  /** The head promises the whole body, half of it follows, then the connection is closed. */
  sendHalf(reply: Reply): void {
    this.#head(reply);
    const half = reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2));
    this.#response.write(half, () => this.#response.destroy());
  }

  async sendSlowly(reply: Reply, bytesPerSecond: number): Promise<void> {
    this.#head(reply);
    const step = Math.max(1, Math.floor(bytesPerSecond / 20));
    for (let sent = 0; sent < reply.bytes.length && !this.#response.destroyed; sent += step) {
      this.#response.write(reply.bytes.subarray(sent, sent + step));
      await this.wait((step / bytesPerSecond) * 1000);
    }
    this.#response.end();
  }

  /** Drops the connection with a TCP reset. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing });
  }

  #head({ status, headers, bytes }: Reply): void {
    this.#recorded.status = status;
    this.#response.writeHead(status, { ...headers, "content-length": bytes.length });
    this.#response.flushHeaders();
  }
}
