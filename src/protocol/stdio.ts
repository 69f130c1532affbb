/**
 * The stdio transport: one JSON-RPC message a line, over any pair of streams. It does what the SDKs' own does not: it
 * responds to every line that is no message and reads on, closes with its input or its output, and stops reading while
 * the client does not read.
 */
import type { Readable, Writable } from "node:stream";
import { LineReader, TooLong } from "./lines.ts";
import { isRequest, type JsonRpcMessage, type MessageId } from "./messages.ts";
import { type InvalidLineResponse, lineTooLong, readMessage } from "./read-message.ts";

const defaultMaxMessageBytes = 4 * 1024 * 1024;

/**
 * Lines delivered before the event loop turns. A pipe can bring tens of thousands of small requests at once: delivered
 * in one go, all their responses would be made before the first one could show that nobody reads them.
 */
const linesPerTurn = 100;

/**
 * Input taken in while lines wait to be delivered; above that, the input is paused. It is not paused sooner, because
 * the end of a paused pipe goes unseen: a client that hangs up with its responses unread must not leave us behind.
 */
const maxWaitingBytes = 256 * 1024;

/** A transport as both SDKs use one. */
export interface Transport {
  onmessage: ((message: JsonRpcMessage) => void) | undefined;
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  start(): Promise<void>;
  send(message: JsonRpcMessage): Promise<void>;
  close(): Promise<void>;
}

export interface StdioTransportOptions {
  /** Longest line that is read, in bytes; default 4 MiB. A longer one is skipped, with an error as the response. */
  maxMessageBytes?: number;
  /**
   * How long the transport stays open after the end of the input while responses are outstanding, in milliseconds;
   * default 0. Whoever pipes in a few requests, and nothing after them, still gets the responses made in that time.
   */
  responseGraceMs?: number;
  /** Has the last word on each line that is written. */
  mask?: (line: string) => string;
}

/**
 * Set the callbacks, then `start()`. The streams stay open: they belong to the caller, who may exit once `flushed()`.
 */
export class StdioTransport implements Transport {
  /** Gets each valid message, in order. What it throws goes to `onerror`. */
  onmessage: ((message: JsonRpcMessage) => void) | undefined;
  /** Called exactly once: at the end of the input, when the output fails, or at `close()`. */
  onclose: (() => void) | undefined;
  /** Called at the end of the input, from which on the responses that are outstanding are waited for. */
  onended: (() => void) | undefined;
  /** Told of unusable responses, of what `onmessage` throws, and of a failed input, so that they can be logged. */
  onerror: ((error: Error) => void) | undefined;

  readonly #input: Readable;
  readonly #output: Writable;
  readonly #maxMessageBytes: number;
  readonly #responseGraceMs: number;
  readonly #mask: (line: string) => string;
  readonly #lines: LineReader;
  /** Resolves the writes that the output has not taken yet. */
  readonly #pendingWrites = new Set<() => void>();
  #lastWrite: Promise<void> = Promise.resolve();
  /** What is written waits for the end of the turn. */
  #corked = false;
  /** The requests that were delivered and have no response yet. */
  readonly #pendingRequests = new Set<MessageId>();
  /** Runs after the end of the input, while responses are outstanding. */
  #graceTimer: NodeJS.Timeout | undefined;
  #started = false;
  /** Lines are being delivered, or will be in the next turn. */
  #delivering = false;
  /** No line is left until more input comes. */
  #exhausted = true;
  #ended = false;
  #closed = false;

  constructor(input: Readable, output: Writable, options: StdioTransportOptions = {}) {
    this.#input = input;
    this.#output = output;
    this.#maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
    this.#responseGraceMs = options.responseGraceMs ?? 0;
    this.#mask = options.mask ?? ((line) => line);
    this.#lines = new LineReader(this.#maxMessageBytes);
  }

  /** Starts reading. Does nothing when called again or after `close()`. */
  async start(): Promise<void> {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#output.on("error", this.#onOutputGone);
    this.#output.on("close", this.#onOutputGone);
    this.#output.on("drain", this.#deliver);
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#onEnd);
    this.#input.on("close", this.#onEnd);
    this.#input.on("error", this.#onInputError);
    // What happened before now emits no event any more.
    if (this.#input.readableEnded || this.#input.destroyed) this.#onEnd();
    else this.#input.resume();
    if (!this.#output.writable) setImmediate(this.#onOutputGone);
  }

  /**
   * Writes one message. Resolves once the operating system has it, or once the output or the transport is closed and
   * nobody is left to read it. Rejects only for a value that JSON cannot hold.
   */
  async send(message: JsonRpcMessage): Promise<void> {
    if (this.#closed) return;
    const written = this.#write(message);
    if (!("method" in message) && message.id !== undefined) this.#requestDone(message.id);
    await written;
  }

  /** Stops reading, releases the streams and calls `onclose`. What was sent before is still written. */
  async close(): Promise<void> {
    this.#close();
  }

  /**
   * Resolves once everything sent so far is written, or cannot be because the output is closed. A client that does not
   * read can delay this for ever, so wait for it with a time limit.
   */
  flushed(): Promise<void> {
    return this.#lastWrite;
  }

  #write(message: JsonRpcMessage | InvalidLineResponse): Promise<void> {
    const line = `${this.#mask(JSON.stringify(message))}\n`;
    if (!this.#output.writable) return Promise.resolve();
    this.#corkUntilNextTurn();
    // Writes finish in the order in which they began, so the last one stands for all.
    this.#lastWrite = new Promise((resolve) => {
      this.#pendingWrites.add(resolve);
      this.#output.write(line, (error) => {
        // An error event follows and resolves all writes. Until then the output has to keep its listener.
        if (error) return;
        this.#pendingWrites.delete(resolve);
        resolve();
        this.#releaseOutput();
      });
    });
    return this.#lastWrite;
  }

  /** All that is written in one turn goes out in one go: handing it to the system takes longer than making it. */
  #corkUntilNextTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#output.cork();
    setImmediate(() => {
      this.#corked = false;
      this.#output.uncork();
    });
  }

  readonly #onData = (piece: Buffer | string): void => {
    this.#lines.push(typeof piece === "string" ? Buffer.from(piece) : piece);
    this.#exhausted = false;
    this.#deliver();
  };

  /** Delivers the lines at hand, a batch each turn, and pauses the input while too much of it waits. */
  readonly #deliver = (): void => {
    // Never nested: a message sent from within `onmessage` can bring in the next piece before it returns.
    if (!this.#delivering) {
      this.#delivering = true;
      try {
        this.#deliverBatch();
      } finally {
        this.#delivering = false;
      }
      if (this.#exhausted) {
        // In the next turn, so that a response to the last line that is made without waiting still gets out.
        if (this.#ended) setImmediate(this.#closeOnceDone);
      } else if (!this.#closed && !this.#blocked) {
        this.#delivering = true;
        setImmediate(this.#deliverNextBatch);
      }
    }
    if (this.#closed || this.#ended) return;
    if (!this.#exhausted && this.#lines.size > maxWaitingBytes) this.#input.pause();
    else if (this.#exhausted && this.#input.isPaused()) this.#input.resume();
  };

  /** Closes at once where no response is outstanding, else at the latest after the grace period. */
  readonly #closeOnceDone = (): void => {
    if (this.#pendingRequests.size === 0 || this.#responseGraceMs === 0) this.#close();
    else this.#graceTimer ??= setTimeout(() => this.#close(), this.#responseGraceMs);
  };

  readonly #deliverNextBatch = (): void => {
    this.#delivering = false;
    this.#deliver();
  };

  #deliverBatch(): void {
    for (let left = linesPerTurn; left > 0 && !this.#closed && !this.#blocked; left--) {
      const line = this.#lines.next();
      if (line === undefined) {
        this.#exhausted = true;
        return;
      }
      this.#deliverLine(line);
    }
  }

  /** Whether lines wait until the output drains. After the end of the input little is left, and it waits no longer. */
  get #blocked(): boolean {
    return this.#output.writableNeedDrain && !this.#ended;
  }

  #deliverLine(line: Buffer | TooLong): void {
    const content = line instanceof TooLong ? lineTooLong(line.beginning, this.#maxMessageBytes) : readMessage(line);
    switch (content?.kind) {
      case "message":
        this.#trackRequests(content.message);
        try {
          this.onmessage?.(content.message);
        } catch (error) {
          this.onerror?.(error instanceof Error ? error : new Error("onmessage failed", { cause: error }));
        }
        return;
      case "invalid":
        void this.#write(content.response);
        return;
      case "unusable response":
        this.onerror?.(new Error(`A response from the client cannot be used: ${content.reason}`));
    }
  }

  /** Keeps track of what needs a response: each request, unless it is cancelled. */
  #trackRequests(message: JsonRpcMessage): void {
    if (isRequest(message)) this.#pendingRequests.add(message.id);
    else if ("method" in message && message.method === "notifications/cancelled") {
      const cancelled = message.params?.["requestId"];
      if (typeof cancelled === "string" || typeof cancelled === "number") this.#requestDone(cancelled);
    }
  }

  #requestDone(id: MessageId): void {
    this.#pendingRequests.delete(id);
    if (this.#graceTimer && this.#pendingRequests.size === 0) setImmediate(this.#closeOnceDone);
  }

  readonly #onEnd = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.onended?.();
    this.#lines.end();
    this.#exhausted = false;
    this.#deliver();
  };

  readonly #onInputError = (error: Error): void => {
    this.onerror?.(error);
    this.#onEnd();
  };

  readonly #onOutputGone = (): void => {
    for (const resolve of this.#pendingWrites) resolve();
    this.#pendingWrites.clear();
    this.#close();
    this.#releaseOutput();
  };

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#graceTimer);
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.off("close", this.#onEnd);
    this.#input.off("error", this.#onInputError);
    if (this.#started) this.#input.pause();
    this.#output.off("drain", this.#deliver);
    this.#releaseOutput();
    this.onclose?.();
  }

  /** Releases the output once closed and written. Until then it needs a listener for its failure. */
  #releaseOutput(): void {
    if (!this.#closed || this.#pendingWrites.size > 0) return;
    this.#output.off("error", this.#onOutputGone);
    this.#output.off("close", this.#onOutputGone);
  }
}
