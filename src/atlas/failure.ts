/** What can go wrong between the server and Atlas, as data; the tools put it into words. */
import type { Operation } from "./operations.ts";

export type FailureKind =
  | "configuration"
  | "bad_request"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "rate_limited"
  | "atlas_error"
  | "network"
  | "timeout"
  | "unknown_outcome"
  | "cancelled";

/** The facts of a failure. What Atlas said is kept as it said it. */
export interface FailureFacts {
  /** What was asked of Atlas. */
  operation?: Operation;
  status?: number;
  errorCode?: string;
  detail?: string;
  reason?: string;
  parameters?: unknown[];
  /** `badRequestDetail.fields` of Atlas: `field` is a path in the request body. */
  fields?: { field: string; description: string }[];
  /** Start of the text of an answer that was no JSON, such as a proxy's page. */
  excerpt?: string;
  /** The answer was a JSON object, as Atlas's errors are, and not the page of something on the way to it. */
  structured?: true;
  /** The same call may succeed later, and sending it again does no harm. */
  retryable?: boolean;
  retryAfterSeconds?: number;
  /** The server's own policy refused it, and nothing was sent: the rule, where one is for the caller, and what it allows. */
  policy?: { rule?: string; allowed: readonly string[] };
  /** It could not be written down, so it was not done. */
  isUnaudited?: boolean;
  /** It happened at the token endpoint, not at the API. */
  atTokenEndpoint?: boolean;
}

/** A request to Atlas that failed. Its message has no full stop at its end. */
export class AtlasFailure extends Error {
  override name = "AtlasFailure";
  readonly kind: FailureKind;
  readonly facts: FailureFacts;

  constructor(kind: FailureKind, message: string, facts: FailureFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.facts = facts;
  }
}

/** Whether Atlas itself says that there is no such thing. A proxy's 404 says nothing about it. */
export function saysMissing({ kind, facts }: AtlasFailure): boolean {
  return kind === "not_found" && facts.structured === true;
}

/** What Atlas says of trouble of its own, though it answers 400, as if the request were wrong. */
const OWN_TROUBLE =
  /failed to acquire resources|no healthy upstream|RBAC: access denied|global resource manager returned no resources/i;

/** What the error codes of refusals end in that are about what exists, though Atlas answers 400 or 403. */
const IN_THE_WAY = /_HAS_STREAM_PROCESSORS$|^STREAM_PRIVATE_LINK_(ALREADY_EXISTS|IN_USE)$/;

/** The kind of an answer, and whether it may be another one later: what Atlas means counts, not its status alone. */
export function meaningOf({ status = 0, errorCode = "", detail = "", reason = "" }: FailureFacts) {
  const isOwnTrouble = status === 400 && OWN_TROUBLE.test(`${detail} ${reason}`);
  const isInTheWay = IN_THE_WAY.test(errorCode);
  const kind: FailureKind = isOwnTrouble ? "atlas_error" : isInTheWay ? "conflict" : kindOfStatus(status);
  return { kind, passes: isOwnTrouble || status === 429 || status >= 500 || errorCode.endsWith("_IS_DEPLOYING") };
}

/** Whether Atlas refuses the address that the request came from, whatever the credentials may do. */
export const isAboutAddress = ({ errorCode = "", detail = "" }: FailureFacts): boolean =>
  /IP[_ ]address|access[_ ]list/i.test(`${errorCode} ${detail}`);

/** The failure kind of an HTTP status. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthenticated";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 429:
      return "rate_limited";
    default:
      return "atlas_error";
  }
}
