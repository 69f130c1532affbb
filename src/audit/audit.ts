/**
 * The audit: a JSON line for every call that writes, before its first write and at its end, and one for every refusal by
 * the policy. Only names stand in it, never the value of an argument.
 */
import { closeSync, constants, fdatasync, fstatSync, openSync, statSync, writeSync } from "node:fs";

/** One line. What is not known is left out. */
export interface AuditLine {
  /** In ISO 8601. */
  time: string;
  requestId: string;
  traceId?: string;
  phase: "begin" | "end";
  subject?: string;
  client?: string;
  rule?: string;
  credential: string;
  tool: string;
  groupId?: string;
  tenantName?: string;
  name?: string;
  dryRun: boolean;
  outcome?: string;
  errorKind?: string;
  /** The writes that were sent, in order; `status` is missing where no answer came. */
  requests: readonly { method: string; path: string; status?: number }[];
  /** Since the call began. */
  ms: number;
}

/** A line that could not be written; the message is the system's code for why. */
export class AuditFailure extends Error {
  override name = "AuditFailure";
}

export interface Audit {
  /** Resolves once the line is written and flushed. @throws {AuditFailure} */
  flushed(line: AuditLine): Promise<void>;
  /** Writes the line. @throws {AuditFailure} */
  written(line: AuditLine): void;
  /** How many lines could not be written. */
  readonly lost: number;
  /** Resolves once all lines are flushed. */
  close(): Promise<void>;
}

/** The group and others have no business with who did what. */
const MODE = 0o600;
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

/** What cannot be flushed: a terminal, a pipe, a device. */
const NOT_FLUSHED = new Set(["EINVAL", "ENOTSUP", "EROFS"]);

const syncData = (descriptor: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => {
      if (!error || NOT_FLUSHED.has(codeOf(error))) resolve();
      else reject(new AuditFailure(codeOf(error), { cause: error }));
    });
  });

/**
 * Opens the audit: a file, which is made where it is missing and opened anew where it was moved away, or a stream of the
 * process by its number.
 * @throws {AuditFailure} where the file cannot be opened.
 */
export function openAudit(target: string | 1 | 2): Audit {
  let lost = 0;
  /** Where lines were written that are not flushed yet. */
  const dirty = new Set<number>();
  let flushing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const file =
    typeof target === "string"
      ? new AppendedFile(target, (before) => void settled().finally(() => closeSync(before)))
      : undefined;

  const settled = () => Promise.allSettled([flushing, next]);

  const write = (line: AuditLine): void => {
    try {
      const descriptor = file ? file.descriptor() : Number(target);
      writeLine(descriptor, `${file?.isTorn ? "\n" : ""}${JSON.stringify(line)}\n`, file);
      dirty.add(descriptor);
    } catch (error) {
      lost += 1;
      throw new AuditFailure(codeOf(error), { cause: error });
    }
  };

  const flush = async (): Promise<void> => {
    const some = [...dirty];
    dirty.clear();
    await Promise.all(some.map(syncData));
  };

  /** Lines that come while one flush is under way share the next one. */
  const flushShared = (): Promise<void> => {
    if (!flushing) {
      flushing = flush().finally(() => {
        flushing = undefined;
      });
      return flushing;
    }
    next ??= flushing
      .catch(() => {})
      .then(() => {
        next = undefined;
        return flushShared();
      });
    return next;
  };

  return {
    async flushed(line) {
      write(line);
      await flushShared().catch((error: unknown) => {
        lost += 1;
        throw error;
      });
    },
    written: write,
    get lost() {
      return lost;
    },
    async close() {
      await flushShared().catch(() => {});
      await settled();
      file?.close();
    },
  };
}

/** A file to append to. Where somebody has moved it away, a new one takes its place. */
class AppendedFile {
  readonly #path: string;
  readonly #onReplaced: (descriptor: number) => void;
  #open: number;
  /** The last line was cut short, so the next one begins on a line of its own. */
  isTorn = false;

  constructor(path: string, onReplaced: (descriptor: number) => void) {
    this.#path = path;
    this.#onReplaced = onReplaced;
    this.#open = opened(path);
  }

  descriptor(): number {
    const own = fstatSync(this.#open);
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there && there.ino === own.ino && there.dev === own.dev) return this.#open;
    const before = this.#open;
    this.#open = opened(this.#path);
    this.#onReplaced(before);
    this.isTorn = false;
    return this.#open;
  }

  close(): void {
    closeSync(this.#open);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, FLAGS, MODE);
  } catch (error) {
    throw new AuditFailure(codeOf(error), { cause: error });
  }
}

/** A line in one write, so that lines of several processes do not mix; one that is cut short counts as not written. */
function writeLine(descriptor: number, text: string, file: AppendedFile | undefined): void {
  const bytes = Buffer.from(text);
  const written = writeSync(descriptor, bytes);
  if (file) file.isTorn = written < bytes.length && written > 0;
  if (written < bytes.length) throw Object.assign(new Error("The line was cut short"), { code: "ENOSPC" });
}

const codeOf = (error: unknown): string =>
  error instanceof AuditFailure
    ? error.message
    : error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : "unknown";
