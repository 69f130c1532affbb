/**
 * The stdio transport: one JSON-RPC message a line, over any pair of streams. It has the shape of the SDKs'
 * `Transport`, and replaces theirs for what that does not do: it answers every line that is no message, reads on
 * after one, ends with its input or its output, and takes nothing more from a client that does not read.
 */
import type { Readable, Writable } from "node:stream";
import { LineReader, tooLong } from "./lines.ts";
import {
  isRequest,
  type JsonRpcMessage,
  type MessageId,
  type Refusal,
  readMessage,
  refuseTooLong,
} from "./messages.ts";

const defaultMaxMessageBytes = 4 * 1024 * 1024;

/**
 * So many lines are delivered before the event loop turns. A pipe brings tens of thousands of small requests at once:
 * delivered in one go, all their answers would be made before the first of them shows that nobody reads.
 */
const linesPerTurn = 100;

/**
 * While lines wait to be delivered, so much input is still taken in before the input is paused, because the end of a
 * paused pipe goes unseen: a client that hangs up without having read its answers must not leave us behind.
 */
const heldBytes = 256 * 1024;

export interface StdioTransportOptions {
  /** Longest line that is read, in bytes; default 4 MiB. A longer one is answered with an error and skipped. */
  maxMessageBytes?: number;
  /**
   * So long the end of the input is held back while requests are unanswered, in milliseconds; default 0. Whoever pipes
   * a few requests in, and nothing after them, still gets the answers that need no longer.
   */
  lastAnswersMs?: number;
}

/**
 * Set the callbacks, then `start()`. The streams stay open: they belong to the caller, who may exit once `flushed()`.
 */
export class StdioTransport {
  /** Takes each good message, in order. What it throws goes to `onerror`. */
  onmessage: ((message: JsonRpcMessage) => void) | undefined;
  /** Called exactly once: at the end of the input, when the output fails, or at `close()`. */
  onclose: (() => void) | undefined;
  /** Told, for the record, of a reply that cannot be used, of what `onmessage` throws, and of an input that failed. */
  onerror: ((error: Error) => void) | undefined;

  readonly #input: Readable;
  readonly #output: Writable;
  readonly #maxMessageBytes: number;
  readonly #lastAnswersMs: number;
  readonly #lines: LineReader;
  /** Settles the writes that the output has not taken yet. */
  readonly #unwritten = new Set<() => void>();
  #lastWrite: Promise<void> = Promise.resolve();
  /** What is written waits for the end of the turn. */
  #corked = false;
  /** The requests that were delivered and will still be answered. */
  readonly #unanswered = new Set<MessageId>();
  /** Runs from the last line to the end that is held back. */
  #lastAnswers: NodeJS.Timeout | undefined;
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
    this.#lastAnswersMs = options.lastAnswersMs ?? 0;
    this.#lines = new LineReader(this.#maxMessageBytes);
  }

  /** Begins to read; again, or after `close()`, does nothing. */
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
    // What has happened before emits no event any more.
    if (this.#input.readableEnded || this.#input.destroyed) this.#onEnd();
    else this.#input.resume();
    if (!this.#output.writable) setImmediate(this.#onOutputGone);
  }

  /**
   * Writes one message. Resolves once the operating system has it, or once the output or the transport is closed:
   * nobody is there to read it. Rejects only a value that JSON cannot hold.
   */
  async send(message: JsonRpcMessage): Promise<void> {
    if (this.#closed) return;
    const written = this.#write(message);
    if (!("method" in message) && message.id !== undefined) this.#settle(message.id);
    await written;
  }

  /** Stops reading, lets go of the streams and calls `onclose`. What was sent before is still written. */
  async close(): Promise<void> {
    this.#close();
  }

  /**
   * Resolves once everything sent so far is out, or can't be any more because the output is closed. A client that
   * does not read can put this off for ever: wait for it with a limit.
   */
  flushed(): Promise<void> {
    return this.#lastWrite;
  }

  #write(message: JsonRpcMessage | Refusal): Promise<void> {
    const line = `${JSON.stringify(message)}\n`;
    if (!this.#output.writable) return Promise.resolve();
    this.#gather();
    // Writes end in the order in which they began, so the last one stands for all.
    this.#lastWrite = new Promise((resolve) => {
      this.#unwritten.add(resolve);
      this.#output.write(line, (error) => {
        // An event follows the error, and settles all writes. Until then the output must keep its listener.
        if (error) return;
        this.#unwritten.delete(resolve);
        resolve();
        this.#releaseOutput();
      });
    });
    return this.#lastWrite;
  }

  /** All that is written in a turn goes out at once: to hand it to the system takes longer than to make it. */
  #gather(): void {
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

  /** Delivers the lines there are, some a turn, and stops the input where too much of it waits. */
  readonly #deliver = (): void => {
    // Not twice at a time: a message sent from within `onmessage` can bring in the next piece before it returns.
    if (!this.#delivering) {
      this.#delivering = true;
      try {
        this.#takeLines();
      } finally {
        this.#delivering = false;
      }
      if (this.#exhausted) {
        // In the next turn, so that an answer to the last line that needs no waiting still gets out.
        if (this.#ended) setImmediate(this.#closeOnceAnswered);
      } else if (!this.#closed && !this.#blocked) {
        this.#delivering = true;
        setImmediate(this.#deliverOn);
      }
    }
    if (this.#closed || this.#ended) return;
    if (!this.#exhausted && this.#lines.size > heldBytes) this.#input.pause();
    else if (this.#exhausted && this.#input.isPaused()) this.#input.resume();
  };

  readonly #closeOnceAnswered = (): void => {
    if (this.#unanswered.size === 0 || this.#lastAnswersMs === 0) this.#close();
    else this.#lastAnswers ??= setTimeout(() => this.#close(), this.#lastAnswersMs);
  };

  readonly #deliverOn = (): void => {
    this.#delivering = false;
    this.#deliver();
  };

  #takeLines(): void {
    for (let left = linesPerTurn; left > 0 && !this.#closed && !this.#blocked; left--) {
      const line = this.#lines.next();
      if (line === undefined) {
        this.#exhausted = true;
        return;
      }
      this.#take(line);
    }
  }

  /** Whether lines have to wait for a drain. At the end of the input what is left is little, and waits no more. */
  get #blocked(): boolean {
    return this.#output.writableNeedDrain && !this.#ended;
  }

  #take(line: Buffer | typeof tooLong): void {
    const reading = line === tooLong ? refuseTooLong(this.#maxMessageBytes) : readMessage(line);
    switch (reading?.kind) {
      case "message":
        this.#note(reading.message);
        try {
          this.onmessage?.(reading.message);
        } catch (error) {
          this.onerror?.(error instanceof Error ? error : new Error("onmessage failed", { cause: error }));
        }
        return;
      case "refused":
        void this.#write(reading.answer);
        return;
      case "unusable reply":
        this.onerror?.(new Error(`A reply from the client cannot be used: ${reading.reason}`));
    }
  }

  /** Keeps account of what is to be answered: each request, unless it is cancelled. */
  #note(message: JsonRpcMessage): void {
    if (isRequest(message)) this.#unanswered.add(message.id);
    else if ("method" in message && message.method === "notifications/cancelled") {
      const cancelled = message.params?.["requestId"];
      if (typeof cancelled === "string" || typeof cancelled === "number") this.#settle(cancelled);
    }
  }

  #settle(id: MessageId): void {
    this.#unanswered.delete(id);
    if (this.#lastAnswers && this.#unanswered.size === 0) setImmediate(this.#closeOnceAnswered);
  }

  readonly #onEnd = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#lines.end();
    this.#exhausted = false;
    this.#deliver();
  };

  readonly #onInputError = (error: Error): void => {
    this.onerror?.(error);
    this.#onEnd();
  };

  readonly #onOutputGone = (): void => {
    for (const resolve of this.#unwritten) resolve();
    this.#unwritten.clear();
    this.#close();
    this.#releaseOutput();
  };

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#lastAnswers);
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.off("close", this.#onEnd);
    this.#input.off("error", this.#onInputError);
    if (this.#started) this.#input.pause();
    this.#output.off("drain", this.#deliver);
    this.#releaseOutput();
    this.onclose?.();
  }

  /** Lets go of the output once closed and written: until then its failure must have a listener. */
  #releaseOutput(): void {
    if (!this.#closed || this.#unwritten.size > 0) return;
    this.#output.off("error", this.#onOutputGone);
    this.#output.off("close", this.#onOutputGone);
  }
}
