/**
 * What goes wrong in a call, and its words for an agent: what happened, and what to do next. A failure is thrown where it
 * is known, with its data; only the runner makes a result of it.
 */
import { unwrapped } from "../atlas/atlas.ts";
import { type AtlasFailure, type FailureFacts, type FailureKind, isAboutAddress } from "../atlas/failure.ts";
import { rolesFor } from "../atlas/operations.ts";
import { dotted, type JsonObject } from "../json.ts";
import type { InvalidInput, Note } from "../schema/problems.ts";
import { levelsOf, type Resource, type Subject } from "./resource.ts";
import type { ErrorFacts } from "./result.ts";
import { sentence, type Way } from "./words.ts";

/** What is known of a failure, beyond what Atlas said of it. */
export interface Circumstances {
  /** What failed, where that is not what the tool is about. */
  subject?: Subject;
  /** It was being created, under a name that keeps this from happening twice. */
  creating?: true;
  /** What was being done; stands before the summary. */
  during?: string;
  /** It passes by itself, so the same call may be repeated as it is. */
  passes?: true;
  /** Replaces the failure's own message. */
  summary?: string;
  /** Sentences on what it left behind; stand after the summary. */
  left?: string;
  /** Replaces the hint that the failure would give. */
  hint?: string;
  /** A sentence to add to the hint. */
  next?: string;
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

  /** The same failure, of which more is known. */
  with({ result, ...more }: Circumstances): ToolFailure {
    const { circumstances } = this;
    const whole = { ...circumstances.result, ...result };
    return new ToolFailure(this.failure, { ...circumstances, ...more, result: whole });
  }
}

/** What went wrong in the work on a subject; what is no failure, such as a defect, is thrown on. */
export function failureOf(error: unknown, subject: Subject): ToolFailure {
  const failure = error instanceof ToolFailure ? error : new ToolFailure(unwrapped(error));
  return failure.circumstances.subject ? failure : failure.with({ subject });
}

/** A failed result, but for the place and the warnings. */
export type FailedResult = JsonObject & { outcome: "failed"; summary: string; error: ErrorFacts };

export function invalidInput({ problems, hint }: InvalidInput, resource: Resource, way: Way): FailedResult {
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
        [`Correct ${paths.join(", ")} and call again; nothing was sent.`, ...whereToFind(problems, resource, way)].join(
          " ",
        ),
    },
  };
}

/** The tools that list what an agent has no other way to know. */
function whereToFind(problems: readonly Note[], resource: Resource, way: Way): string[] {
  return levelsOf(resource)
    .filter(({ argument }) => problems.some(({ path }) => path.length === 1 && path[0] === argument))
    .map(
      ({ listedBy, noun, within, hasId }) =>
        `${way(`Look up the ${within && !hasId ? "names" : "ids"} of ${noun}s`, listedBy)}.`,
    );
}

/** The result for a failure of a tool that is about `own`. */
export function failed({ failure, circumstances }: ToolFailure, own: Subject, way: Way): FailedResult {
  const { kind, facts, message } = failure;
  const { subject = own, during, summary = message, left, next, fields = [], result } = circumstances;
  const body = subject.at.length > 0 ? `${dotted(subject.at)}.` : "";
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
    ...facts.policy,
    // Every write is safe to repeat.
    retryable: circumstances.passes ?? facts.retryable ?? kind === "unknown_outcome",
    ...(facts.retryAfterSeconds !== undefined && { retryAfterSeconds: facts.retryAfterSeconds }),
    hint: [hintFor(failure, circumstances, subject.resource, way), ...(next ? [next] : [])].join(" "),
  };
  const told = sentence(during === undefined ? summary : `${during}: ${summary}`);
  return { outcome: "failed", summary: left === undefined ? told : `${told} ${left}`, ...result, error };
}

/** What to do next: as it is known where it failed, by Atlas's error code, of a create, or by the kind of failure alone. */
function hintFor(failure: AtlasFailure, { hint, creating }: Circumstances, resource: Resource, way: Way): string {
  return (
    hint ??
    ofErrorCode(failure, resource, way) ??
    (creating && ofCreate(failure, resource)[failure.kind]) ??
    ofKind(failure, resource, way)[failure.kind]
  );
}

/** Of an error code that the resource, or what it is in, knows. */
function ofErrorCode(
  { facts: { errorCode = "", detail = "" } }: AtlasFailure,
  resource: Resource,
  way: Way,
): string | undefined {
  for (const { errorCodes } of levelsOf(resource)) {
    const { hints = {} } = errorCodes;
    const hint = Object.hasOwn(hints, errorCode) ? hints[errorCode] : undefined;
    if (hint) return hint(way, detail);
  }
  return undefined;
}

/** Of a create: whether it happened is known, and the name keeps a second one from happening. */
function ofCreate({ facts }: AtlasFailure, { noun }: Resource): Partial<Record<FailureKind, string>> {
  const unseen = `As far as Atlas shows, no ${noun} was created.`;
  return {
    bad_request: `Atlas refused the ${noun} as it is. Correct what \`detail\` and \`fields\` name and call again.`,
    conflict:
      "Atlas says that this conflicts with what exists. Read `detail`, then choose another name or change what exists.",
    rate_limited: `No ${noun} was created. Wait as long as retryAfterSeconds says (a minute where it is missing), then call again with the same arguments.`,
    ...(facts.retryable !== false && {
      network: `${unseen} Check the server's network and proxy; calling again with the same arguments is safe.`,
    }),
    timeout: `${unseen} Calling again with the same arguments is safe.`,
    unknown_outcome: `It may have been created. Call again with the same arguments: the name is unique, so the answer is already_exists, conflict or created, never a second ${noun}.`,
    ...(facts.retryable && {
      atlas_error: `${unseen} Atlas or a proxy has a problem; call again with the same arguments in a minute.`,
    }),
  };
}

/** Of a failure of which nothing more is known than the failure itself. */
function ofKind({ facts }: AtlasFailure, resource: Resource, way: Way): Record<FailureKind, string> {
  return {
    configuration: facts.isUnaudited
      ? "Tell a person: the audit has no room, or cannot be written, and what is not written down is not done. Calls that only read go on."
      : "A person has to set this in the server's environment and restart it; tell them.",
    bad_request: "Atlas refused the request. Correct what `detail` and `fields` name and call again.",
    unauthenticated: facts.atTokenEndpoint
      ? "Atlas refused the service account's id or secret. A person has to correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET."
      : "Atlas refused the configured credentials. A person has to check that they are right, not expired, and allowed from this IP address.",
    forbidden: facts.policy
      ? byPolicy(facts.policy)
      : isAboutAddress(facts)
        ? "Atlas does not take requests of these credentials from this server's address. A person adds the address that `detail` names, or the range that its network sends from, to the API access list of the service account or API key in Atlas."
        : `The credentials lack a role on this project. Any of these suffices, the least first: ${rolesFor(facts.operation).join(", ")}. A person grants it under Project Access in Atlas; the IP access list of the credentials can be the reason too.`,
    not_found: "Check groupId and tenantName.",
    conflict: "Atlas says that this conflicts with what exists. Read `detail`; call again when that has changed.",
    rate_limited: "Wait as long as retryAfterSeconds says (a minute where it is missing), then call again.",
    atlas_error: facts.retryable
      ? "Atlas or a proxy has a problem; call again with the same arguments in a minute."
      : "Atlas or a proxy answered in an unexpected way; show this to a person.",
    network:
      facts.retryable === false
        ? "A person has to look: where a proxy or the network's own authority signs certificates, NODE_EXTRA_CA_CERTS of the server's environment names the file with its certificate; else somebody stands between the server and Atlas."
        : "Check the server's network and proxy; calling again with the same arguments is safe.",
    timeout: "Atlas did not answer in time. Calling again with the same arguments is safe.",
    unknown_outcome: `It may have happened. ${way("Look", resource.shownBy ?? resource.listedBy)}, or call again, which is safe.`,
    cancelled: "The call was cancelled. Call again with the same arguments if it is still wanted.",
  };
}

/** What is allowed stands in the summary. */
const byPolicy = ({ rule, allowed }: NonNullable<FailureFacts["policy"]>): string =>
  [
    "It was not sent.",
    allowed.length > 0
      ? "Keep to what is allowed, where that does what is wanted;"
      : "Do not try another way round it:",
    rule === undefined
      ? "a person who keeps the policy has to add a rule for this caller."
      : "else tell the person, since only who keeps the policy can allow more.",
  ].join(" ");
