/**
 * Cuts a stream of bytes into lines, in linear time however small the pieces are, and in bounded memory however long a
 * line is.
 */

/** Stands for a line over the limit, of which all but the beginning was discarded. */
export class TooLong {
  readonly beginning: Buffer;

  constructor(beginning: Buffer) {
    this.beginning = beginning;
  }
}

/** How much of a line over the limit is given, in bytes. */
const BEGINNING_BYTES = 64 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing: Buffer = Buffer.alloc(0);

/**
 * Takes bytes with `push` and gives lines with `next`, so that a consumer can stop between two lines. A line ends with
 * LF or CRLF, which are not part of it. It may have up to `maxBytes` bytes, a CR included.
 */
export class LineReader {
  readonly #maxBytes: number;
  /** The buffer. Its front, `#filled`, is in use; of that, everything before `#start` has been returned. */
  #store = nothing;
  #filled = nothing;
  #start = 0;
  /** Up to here there is no line feed, so that no byte is searched twice. */
  #searched = 0;
  #discarding = false;
  #ended = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes taken in and not yet returned as lines. */
  get size(): number {
    return this.#filled.length - this.#start;
  }

  /** Takes the next piece, which the caller must not modify afterwards. */
  push(piece: Buffer): void {
    if (this.size === 0) {
      this.#hold(piece, piece.length);
      return;
    }
    const { size } = this;
    if (this.#filled.length + piece.length > this.#store.length) {
      // Doubling keeps the total of all copies proportional to what was read, even when it comes byte by byte. The
      // store is a new one each time, because the lines returned are parts of the old one.
      const store = Buffer.allocUnsafe(2 * (size + piece.length));
      this.#filled.copy(store, 0, this.#start);
      const searched = this.#searched - this.#start;
      this.#hold(store, size);
      this.#searched = searched;
    }
    const end = this.#filled.length + piece.length;
    piece.copy(this.#store, this.#filled.length);
    this.#filled = this.#store.subarray(0, end);
  }

  /** No more pieces will come: what is left counts as a line. */
  end(): void {
    this.#ended = true;
  }

  /**
   * The next line without its end, or `undefined` when more bytes are needed. A line over the limit is returned once,
   * as `TooLong`, as soon as the limit is passed.
   */
  next(): Buffer | TooLong | undefined {
    for (;;) {
      const lineEnd = this.#filled.indexOf(lineFeed, this.#searched);
      if (lineEnd === -1) return this.#unfinished();
      const line = this.#filled.subarray(this.#start, lineEnd);
      this.#start = lineEnd + 1;
      this.#searched = this.#start;
      if (!this.#discarding) return line.length > this.#maxBytes ? this.#tooLong(line) : withoutCarriageReturn(line);
      this.#discarding = false;
    }
  }

  #unfinished(): Buffer | TooLong | undefined {
    this.#searched = this.#filled.length;
    if (this.#discarding) {
      this.#hold(nothing, 0);
      return undefined;
    }
    if (this.size > this.#maxBytes) {
      const line = this.#tooLong(this.#filled.subarray(this.#start));
      this.#hold(nothing, 0);
      this.#discarding = true;
      return line;
    }
    if (!this.#ended || this.size === 0) return undefined;
    const line = this.#filled.subarray(this.#start);
    this.#hold(nothing, 0);
    return withoutCarriageReturn(line);
  }

  /** Its beginning is a copy, so that the rest can go. */
  #tooLong(line: Buffer): TooLong {
    return new TooLong(Buffer.from(line.subarray(0, Math.min(this.#maxBytes, BEGINNING_BYTES))));
  }

  #hold(store: Buffer, length: number): void {
    this.#store = store;
    this.#filled = store.subarray(0, length);
    this.#start = 0;
    this.#searched = 0;
  }
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
