/** Why an exchange with Atlas gave no whole answer. */
import { AtlasFailure, type FailureKind } from "./failure.ts";

/** Answers above this size, in bytes, are not read to the end. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** An exchange without an answer. */
export class ExchangeFailure extends AtlasFailure {
  override name = "ExchangeFailure";
  /** Whether a byte of the request may have reached the other side. */
  readonly sent: boolean;

  constructor(kind: FailureKind, message: string, sent: boolean, cause?: unknown) {
    super(kind, message, { retryable: kind !== "cancelled" && kind !== "configuration" }, { cause });
    this.sent = sent;
  }
}

/** The failure that an error of undici or Node is. */
export function failureFrom(error: unknown, sent: boolean): ExchangeFailure {
  const [kind, message] = kindAndWords(error);
  return new ExchangeFailure(kind, message, sent, error);
}

/** What the codes of Node's and undici's errors mean to a person, or the name of an error that has no code. */
const words: Readonly<Record<string, [FailureKind, string]>> = {
  ECONNREFUSED: ["network", "The connection was refused"],
  ECONNRESET: ["network", "The connection was reset"],
  EPIPE: ["network", "The connection was closed"],
  ENOTFOUND: ["network", "The host name could not be resolved"],
  EAI_AGAIN: ["network", "The host name could not be resolved"],
  EHOSTUNREACH: ["network", "The host cannot be reached"],
  ENETUNREACH: ["network", "The network cannot be reached"],
  UND_ERR_SOCKET: ["network", "The connection was closed"],
  // This server's own aborts are told apart before; what is left is a proxy that answered CONNECT with an error.
  UND_ERR_ABORTED: ["network", "The proxy did not open a connection to Atlas"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "The connection could not be opened in time"],
  ETIMEDOUT: ["timeout", "The connection timed out"],
  UND_ERR_INVALID_ARG: [
    "configuration",
    "HTTPS_PROXY is no http:// or https:// URL, or a credential has a character that no header can hold",
  ],
  ERR_INVALID_URL: ["configuration", "HTTPS_PROXY is no http:// or https:// URL"],
  HTTPParserError: ["network", "The answer is not HTTP"],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ["atlas_error", `The answer is larger than ${MAX_ANSWER_BYTES} bytes`],
};

function kindAndWords(error: unknown): [FailureKind, string] {
  const code = codeOf(error);
  const known = words[code];
  if (known) return known;
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code))
    return ["network", `The TLS connection could not be made (${code})`];
  return ["network", `The exchange failed${code ? ` (${code})` : ""}`];
}

/** Why an exchange failed, in one word: a limit of ours by its kind, anything else by its code. */
export function failureCode(error: unknown): string {
  if (!(error instanceof ExchangeFailure)) return codeOf(error);
  const { kind, cause } = error;
  return (kind !== "cancelled" && kind !== "timeout" && codeOf(cause)) || kind;
}

/** The innermost error code, or the name of an error that says more of it than `Error`. */
function codeOf(error: unknown): string {
  const code = innermostCode(error);
  return code === "" && error instanceof Error && error.name !== "Error" ? error.name : code;
}

/** undici wraps what Node reports, and Node wraps several tries in an AggregateError. */
function innermostCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const causes: unknown[] = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  const inner = causes.map(innermostCode).find(Boolean);
  return inner ?? ("code" in error && typeof error.code === "string" ? error.code : "");
}
