/**
 * What goes wrong in a call, and its words for an agent: what happened, and what to do next. A failure is thrown where it
 * is known, with its data; only the runner makes a result of it.
 */
import type { AtlasFailure, FailureKind } from "../atlas/failure.ts";
import { dotted, type JsonObject } from "../json.ts";
import type { InvalidInput, Note } from "../schema/problems.ts";
import { levelsOf, type Resource } from "./resource.ts";
import type { ErrorFacts } from "./result.ts";

/** What a failure is about, beyond what Atlas said of it. */
export interface Circumstances {
  /** Replaces the summary that the failure's own message would give. */
  summary?: string;
  /** Replaces the hint that the kind alone would give. */
  hint?: string;
  /** Arguments to name beside the fields that Atlas names. */
  fields?: readonly Note[];
  /** Further fields of the result, such as what stands in the way. */
  result?: JsonObject;
}

/** A failure whose circumstances are known. */
export class ToolFailure extends Error {
  override name = "ToolFailure";
  readonly failure: AtlasFailure;
  readonly circumstances: Circumstances;

  constructor(failure: AtlasFailure, circumstances: Circumstances = {}) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.circumstances = circumstances;
  }
}

/** What of a tool its failures are worded by. */
export interface FailingTool {
  resource: Resource;
  /** The argument that is sent as the request's body, of whose fields Atlas speaks. */
  bodyArgument?: string | undefined;
  /** What to do next, where this tool knows better than the kind of the failure alone. */
  hint?: ((failure: AtlasFailure) => string | undefined) | undefined;
}

/** A failed result, but for the place and the warnings. */
export type FailedResult = JsonObject & { outcome: "failed"; summary: string; error: ErrorFacts };

export function invalidInput({ problems, hint }: InvalidInput, resource: Resource): FailedResult {
  const paths = problems.map(({ path }) => dotted(path));
  return {
    outcome: "failed",
    summary: `Nothing was sent, since these arguments cannot be used: ${paths.join(", ")}.`,
    error: {
      kind: "invalid_input",
      fields: problems.map(({ path, message }) => ({ path: dotted(path), message })),
      retryable: false,
      hint:
        hint ??
        [`Correct ${paths.join(", ")} and call again; nothing was sent.`, ...whereToFind(problems, resource)].join(" "),
    },
  };
}

/** The tools that list what an agent has no other way to know. */
function whereToFind(problems: readonly Note[], resource: Resource): string[] {
  return levelsOf(resource)
    .filter(({ argument }) => problems.some(({ path }) => path.length === 1 && path[0] === argument))
    .map(({ listedBy, noun, within }) => `${listedBy} shows the ${within ? "names" : "ids"} of ${noun}s.`);
}

/** The result for a failure. */
export function failed(
  failure: AtlasFailure,
  { summary, hint, fields = [], result }: Circumstances,
  tool: FailingTool,
): FailedResult {
  const { kind, facts } = failure;
  const body = tool.bodyArgument === undefined ? "" : `${tool.bodyArgument}.`;
  const named = [
    ...(facts.fields ?? []).map(({ field, description }) => ({ path: `${body}${field}`, message: description })),
    ...fields.map(({ path, message }) => ({ path: dotted(path), message })),
  ];
  const error: ErrorFacts = {
    kind,
    ...(facts.status !== undefined && { status: facts.status }),
    ...(facts.errorCode !== undefined && { errorCode: facts.errorCode }),
    ...((facts.detail ?? facts.excerpt) && { detail: facts.detail ?? facts.excerpt }),
    ...(facts.reason !== undefined && { reason: facts.reason }),
    ...(facts.parameters && { parameters: facts.parameters }),
    ...(named.length > 0 && { fields: named }),
    retryable: facts.retryable ?? false,
    ...(facts.retryAfterSeconds !== undefined && { retryAfterSeconds: facts.retryAfterSeconds }),
    hint: hint ?? ofErrorCode(failure, tool.resource) ?? tool.hint?.(failure) ?? hintFor(failure, tool.resource),
  };
  return { outcome: "failed", summary: summary ?? `${failure.message}.`.replace(/\.\.$/, "."), ...result, error };
}

/** What to do next about an error code that the resource, or what it is in, knows. */
function ofErrorCode({ facts: { errorCode = "" } }: AtlasFailure, resource: Resource): string | undefined {
  for (const { errorCodes } of levelsOf(resource)) {
    const { hints = {} } = errorCodes;
    if (Object.hasOwn(hints, errorCode)) return hints[errorCode];
  }
  return undefined;
}

/** What to do next after a failure of which nothing more is known than the failure itself. */
function hintFor({ kind, facts }: AtlasFailure, resource: Resource): string {
  const hints: Record<FailureKind, string> = {
    configuration: "A person has to set this in the server's environment and restart it; tell them.",
    bad_request: "Atlas refused the request. Correct what `detail` and `fields` name and call again.",
    unauthenticated: facts.atTokenEndpoint
      ? "Atlas refused the service account's id or secret. A person has to correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET."
      : "Atlas refused the configured credentials. A person has to check that they are right, not expired, and allowed from this IP address.",
    forbidden:
      "The credentials lack a role on this project. Any of these suffices, the least first: Project Stream Processing Manager, Project Stream Processing Owner, Project Owner. A person grants it under Project Access in Atlas; the IP access list of the credentials can be the reason too.",
    not_found: "Check groupId and tenantName.",
    conflict: "Atlas says that this clashes with what is there. Read `detail`; call again when that has changed.",
    rate_limited: "Wait as long as retryAfterSeconds says (a minute where it is missing), then call again.",
    atlas_error: facts.retryable
      ? "Atlas or a proxy has a problem; call again with the same arguments in a minute."
      : "Atlas or a proxy answered in an unexpected way; show this to a person.",
    network: "Check the server's network and proxy; calling again with the same arguments is safe.",
    timeout: "Atlas did not answer in time. Calling again with the same arguments is safe.",
    unknown_outcome: `It may have happened. Look with ${resource.shownBy ?? resource.listedBy}, or call again, which is safe.`,
    cancelled: "The call was cancelled. Call again with the same arguments if it is still wanted.",
  };
  return hints[kind];
}

/** What is different after a create: whether it happened is known, and the name keeps a second one from happening. */
export function createHint({ kind, facts }: AtlasFailure, resource: Resource): string | undefined {
  const { noun } = resource;
  const hints: Partial<Record<FailureKind, string>> = {
    bad_request: `Atlas refused the ${noun} as it is. Correct what \`detail\` and \`fields\` name and call again.`,
    conflict:
      "Atlas says that this clashes with what is there. Read `detail`, then choose another name or change what exists.",
    rate_limited:
      "Nothing was changed. Wait as long as retryAfterSeconds says (a minute where it is missing), then call again with the same arguments.",
    network:
      "Nothing was changed. Check the server's network and proxy; calling again with the same arguments is safe.",
    timeout: "Nothing was changed as far as Atlas shows. Calling again with the same arguments is safe.",
    unknown_outcome: `It may have been created. Call again with the same arguments: the name is unique, so the answer is already_exists, conflict or created, never a second ${noun}.`,
    ...(facts.retryable && {
      atlas_error:
        "Nothing was changed. Atlas or a proxy has a problem; call again with the same arguments in a minute.",
    }),
  };
  return hints[kind];
}
