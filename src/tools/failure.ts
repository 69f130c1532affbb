/** Failures in an agent's words: what happened, and what to do next. */
import { LONGEST_EXCERPT, plainText } from "../atlas/answer.ts";
import type { AtlasFailure, FailureFacts } from "../atlas/failure.ts";
import { hintFor } from "./hints.ts";
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
