/** Why an exchange with Atlas brought no complete answer. */
import { AtlasFailure, type FailureKind } from "./failure.ts";

/** The longest answer that is read, in bytes. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** An exchange without a complete answer. */
export class ExchangeFailure extends AtlasFailure {
  override name = "ExchangeFailure";
  /** Whether a byte of the request may have reached the other side. */
  readonly sent: boolean;

  constructor(kind: FailureKind, message: string, sent: boolean, cause?: unknown) {
    const passes = (kind === "network" || kind === "timeout") && !/CERT/.test(codeOf(cause));
    super(kind, message, { retryable: passes }, { cause });
    this.sent = sent;
  }
}

/** The failure that stands for an error of undici or Node. */
export function failureFrom(error: unknown, sent: boolean): ExchangeFailure {
  const [kind, message] = explain(error);
  return new ExchangeFailure(kind, message, sent, error);
}

const TOO_LONG = "UND_ERR_RES_EXCEEDED_MAX_SIZE";

/** What Node's and undici's errors mean to a person, by their code, or by their name where they have none. */
const explanations: Readonly<Record<string, [FailureKind, string]>> = {
  ECONNREFUSED: ["network", "The connection was refused"],
  ECONNRESET: ["network", "The connection was reset"],
  EPIPE: ["network", "The connection was closed"],
  ENOTFOUND: ["network", "The host name could not be resolved"],
  EAI_AGAIN: ["network", "The host name could not be resolved"],
  EHOSTUNREACH: ["network", "The host cannot be reached"],
  ENETUNREACH: ["network", "The network cannot be reached"],
  UND_ERR_SOCKET: ["network", "The connection was closed"],
  // This server's own aborts never get here; what is left is a proxy that answered CONNECT with an error.
  UND_ERR_ABORTED: ["network", "The proxy did not open a connection to Atlas"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "The connection could not be opened in time"],
  ETIMEDOUT: ["timeout", "The connection timed out"],
  UND_ERR_INVALID_ARG: [
    "configuration",
    "HTTPS_PROXY is not an http:// or https:// URL, or a credential contains a character that a header cannot hold",
  ],
  ERR_INVALID_URL: ["configuration", "HTTPS_PROXY is not an http:// or https:// URL"],
  HTTPParserError: ["network", "The answer is not HTTP"],
  [TOO_LONG]: ["atlas_error", `The answer is larger than ${MAX_ANSWER_BYTES} bytes`],
};

function explain(error: unknown): [FailureKind, string] {
  const code = codeOf(error);
  const known = explanations[code];
  if (known) return known;
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/.test(code))
    return ["network", `The certificate of the other side is not trusted (${code})`];
  if (/CERT|TLS|SSL/.test(code)) return ["network", `The TLS connection could not be established (${code})`];
  return ["network", `The HTTP exchange failed${code ? ` (${code})` : ""}`];
}

/** Why an exchange failed, in one word: the kind for a limit of the server's own, else the code of the error. */
export function failureCode(error: unknown): string {
  if (!(error instanceof ExchangeFailure)) return codeOf(error);
  const { kind, cause } = error;
  return (kind !== "cancelled" && kind !== "timeout" && codeOf(cause)) || kind;
}

/** Whether there was more to read than is read. */
export const isTooLong = (failure: AtlasFailure) => codeOf(failure) === TOO_LONG;

/** The innermost error code; where there is none, the name of the error, unless that is just `Error`. */
function codeOf(error: unknown): string {
  const code = innermostCode(error);
  return code === "" && error instanceof Error && error.name !== "Error" ? error.name : code;
}

/** undici wraps what Node reports, and Node wraps several attempts in an AggregateError. */
function innermostCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const causes: unknown[] = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  const inner = causes.map(innermostCode).find(Boolean);
  return inner ?? ("code" in error && typeof error.code === "string" ? error.code : "");
}
