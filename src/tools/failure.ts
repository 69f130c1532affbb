/** Failures in an agent's words: what happened, and what to do next. */
import { LONGEST_EXCERPT, plainText } from "../atlas/answer.ts";
import type { AtlasFailure, FailureFacts } from "../atlas/failure.ts";
import type { InvalidInput } from "./invalid-input.ts";
import type { ErrorFacts, Result } from "./result.ts";

/** Shown of an answer that is no JSON. */
const EXCERPT_CHARACTERS = 200;
/** An excerpt that was cut short may end inside a secret, which nothing recognises then: so much is not shown. */
const UNSURE_CHARACTERS = 600;

/** What a failure is about, as far as a tool can tell. */
export interface Circumstances {
  project?: { groupId?: string | undefined; tenantName?: string | undefined };
  /** Replaces the summary that the failure's own message would give. */
  summary?: string;
  /** Replaces the hint that the kind alone would give. */
  hint?: string;
  /** What stands in the way, such as the connection that has the name. */
  connection?: Record<string, unknown>;
  /** Fields to name beside those that Atlas names. */
  fields?: { path: string; message: string }[];
  warnings?: string[];
}

export function invalidInput({ problems, hint }: InvalidInput): Result {
  return {
    outcome: "failed",
    summary: `Nothing was sent, since these arguments cannot be used: ${problems.map(({ path }) => path).join(", ")}.`,
    error: { kind: "invalid_input", fields: problems, retryable: false, hint },
  };
}

/** The result for a failure. `redact` masks secrets before anything is cut short. */
export function failed(
  failure: AtlasFailure,
  { project, summary, hint, connection, fields, warnings }: Circumstances,
  redact: (text: string) => string,
): Result {
  const { kind, facts } = failure;
  const excerpt = facts.excerpt && shownExcerpt(facts.excerpt, redact);
  const named = [...bodyFields(facts), ...(fields ?? [])];
  const error: ErrorFacts = {
    kind,
    ...(facts.status !== undefined && { status: facts.status }),
    ...(facts.errorCode !== undefined && { errorCode: facts.errorCode }),
    ...((facts.detail ?? excerpt) && { detail: facts.detail ?? excerpt }),
    ...(facts.reason !== undefined && { reason: facts.reason }),
    ...(facts.parameters && { parameters: facts.parameters }),
    ...(named.length > 0 && { fields: named }),
    retryable: facts.retryable ?? false,
    ...(facts.retryAfterSeconds !== undefined && { retryAfterSeconds: facts.retryAfterSeconds }),
    hint: hint ?? hintFor(failure),
  };
  return {
    outcome: "failed",
    summary: summary ?? `${failure.message}.`.replace(/\.\.$/, "."),
    ...(connection && { connection }),
    ...(project && { project }),
    ...(warnings && warnings.length > 0 && { warnings }),
    error,
  };
}

function shownExcerpt(excerpt: string, redact: (text: string) => string): string {
  const masked = redact(excerpt);
  const sure = excerpt.length < LONGEST_EXCERPT ? masked.length : Math.max(0, masked.length - UNSURE_CHARACTERS);
  return plainText(masked.slice(0, sure)).slice(0, EXCERPT_CHARACTERS);
}

/** Atlas names fields of the request body; the agent knows them as fields of its argument. */
function bodyFields({ fields }: FailureFacts): { path: string; message: string }[] {
  return (fields ?? []).map(({ field, description }) => ({ path: `connection.${field}`, message: description }));
}

function hintFor({ kind, facts }: AtlasFailure): string {
  switch (kind) {
    case "configuration":
      return "A person has to set this in the server's environment and restart it; tell them.";
    case "bad_request":
      return "Atlas refused the connection as it is. Correct what `detail` and `fields` name and call again.";
    case "unauthenticated":
      return facts.atTokenEndpoint
        ? "Atlas refused the service account's id or secret. A person has to correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET."
        : "Atlas refused the configured credentials. A person has to check that they are right, not expired, and allowed from this IP address.";
    case "forbidden":
      return "The credentials lack a role on this project: they need Project Owner or Project Stream Processing Owner. A person grants it under Project Access in Atlas; the IP access list of the credentials can be the reason too.";
    case "not_found":
      return "Check groupId and tenantName.";
    case "conflict":
      return "Atlas says that this clashes with what is there. Read `detail`, then choose another name or change what exists.";
    case "rate_limited":
      return "Nothing was changed. Wait as long as retryAfterSeconds says (a minute where it is missing), then call again with the same arguments.";
    case "atlas_error":
      return facts.retryable
        ? "Nothing was changed. Atlas or a proxy has a problem; call again with the same arguments in a minute."
        : "Atlas or a proxy answered in an unexpected way; show this to a person.";
    case "network":
      return "Nothing was changed. Check the server's network and proxy; calling again with the same arguments is safe.";
    case "timeout":
      return "Nothing was changed as far as Atlas shows. Calling again with the same arguments is safe.";
    case "unknown_outcome":
      return "It may have been created. Call again with the same arguments: the name is unique, so the answer is already_exists, conflict or created, never a second connection.";
    case "cancelled":
      return "The call was cancelled. Call again with the same arguments if it is still wanted.";
  }
}
