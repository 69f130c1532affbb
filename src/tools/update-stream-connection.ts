/** `update_stream_connection`: changes what differs of an existing connection. */
import { z } from "zod/v3";
import { getConnection, updateConnection, type Workspace } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { writeOnce } from "../atlas/write-once.ts";
import { compare } from "../connections/compare.ts";
import { bare } from "../connections/fields.ts";
import { isSecretPlace, secretsIn } from "../connections/secret-fields.ts";
import { schemaAt } from "../connections/structure.ts";
import { connectionTypes, typeNamed } from "../connections/union.ts";
import { isObject, type JsonObject } from "../json.ts";
import { MASK } from "../secrets/mask.ts";
import { reportAbandoned } from "./abandoned.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { readConnectionArgument } from "./arguments/connection.ts";
import { connectionName, dryRun, workspaceShape } from "./arguments/workspace.ts";
import { connectionView } from "./connection-view.ts";
import { failedAt } from "./failed-at.ts";
import { foreseeUpdate } from "./foresee.ts";
import { InvalidInput } from "./invalid-input.ts";
import { plannedRequest } from "./planned-request.ts";
import { existingConnection } from "./reading.ts";
import { anyError, type Result } from "./result.ts";
import type { CallContext, Services, Tool } from "./tool.ts";

const input = z
  .object({
    ...workspaceShape,
    connectionName,
    connection: z
      .object({})
      .passthrough()
      .describe("The fields to change, as in create_stream_connection; type and name stay as they are"),
    dryRun,
  })
  .strict();

/** The argument is looked into once the existing connection's type is known. */
const besidesConnection = input.extend({
  connection: z.unknown().refine((given) => given !== undefined, "is required: the fields to change"),
});

const output = z
  .object({
    outcome: z.enum(["updated", "unchanged", "planned", "failed"]).describe("What happened"),
    summary: z.string().describe("For a person"),
    connection: z.object({}).passthrough().optional().describe("As Atlas shows it"),
    changes: z.array(z.object({}).passthrough()).optional().describe("{path, before, after}"),
    warnings: z.array(z.string()).optional().describe("To pass on"),
    error: anyError,
  })
  .passthrough();

export const updateStreamConnection: Tool = {
  name: "update_stream_connection",
  title: "Update a stream connection",
  description:
    "Changes fields of an existing connection; what is not given stays. Sends nothing when nothing would change.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async call(args, services, context) {
    const {
      groupId,
      tenantName,
      connectionName: name,
      dryRun,
    } = await checkArguments(besidesConnection, args, services, context);
    const place = { groupId, tenantName };
    try {
      const existing = await existingConnection(place, name, services, context);
      const request = await readChange(args, place, name, existing, services, context);
      if (request.changes.length === 0) return unchanged(request);
      return await (dryRun ? plan : update)(request, services, context);
    } catch (error) {
      if (!(error instanceof AtlasFailure)) throw error;
      return failedAt({ ...place, connectionName: name }, error, services, context);
    }
  },
};

interface Change {
  path: string;
  before?: unknown;
  after?: unknown;
}

interface Request {
  place: Workspace;
  existing: JsonObject;
  given: JsonObject;
  /** What is sent: the fields that were given, with the type and name they have. */
  body: JsonObject & { name: string };
  changes: Change[];
  referenced: ReadonlySet<string>;
  warnings: string[];
}

/** @throws {InvalidInput} for fields that cannot be used, or cannot be changed. */
async function readChange(
  args: unknown,
  place: Workspace,
  name: string,
  existing: JsonObject,
  services: Services,
  context: CallContext,
): Promise<Request> {
  const same = { type: existing["type"], name };
  const usable = usableFields(existing);
  const typed = isObject(args) ? { ...args, connection: withType(args["connection"], same.type) } : args;
  const argument = await readConnectionArgument(typed, services, context, {
    complete: (given) => ({ ...usable, ...same, ...filled(given, usable) }),
  });
  const given = filled(argument.given, usable);
  const fixed = Object.entries(same)
    .filter(([field, value]) => field in given && given[field] !== value)
    .map(([field, value]) => ({
      path: `connection.${field}`,
      message: `cannot be changed; it is ${JSON.stringify(value)}. Create another connection instead`,
    }));
  // What is not given stays as it is, whatever the union thinks of how Atlas shows it.
  const isGiven = (path: string) => path === "connection" || (path.split(".")[1] ?? "") in given;
  const concerns = argument.problems.filter(({ path }) => isGiven(path));
  if (fixed.length + concerns.length > 0) throw new InvalidInput(fixed.length > 0 ? fixed : concerns);
  return {
    place,
    existing,
    given,
    body: { ...given, ...same },
    changes: changesOf(given, existing, place),
    referenced: argument.referenced,
    warnings: [
      ...argument.warnings.filter((warning) => isGiven(/^[^\s:]+/.exec(warning)?.[0] ?? "")),
      ...argument.missingSecrets
        .map(({ path }) => ["connection", ...path].join("."))
        .filter(isGiven)
        .map((path) => `${path} was left out, and Atlas may not keep the secret it has: give it again.`),
      ...replacedMaps(given, existing),
    ],
  };
}

/** Fields that say what kind of thing an object is; with another kind its other fields mean something else. */
const KINDS = ["type", "mechanism"];

/**
 * The given fields, in which each object keeps what it is not given: whoever gives a new password does not mean to
 * drop the user. Maps, whose keys are free, and objects that become another kind replace what there is.
 */
function filled(given: JsonObject, existing: JsonObject, path: readonly string[] = []): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const before = existing[field];
      const place = [...path, field];
      if (!isObject(value) || !isObject(before) || isMap(place)) return [field, value];
      const otherKind = KINDS.some((kind) => kind in value && value[kind] !== before[kind]);
      // A secret that Atlas should show after all is masked here, and a mask must not be sent.
      const kept = Object.entries(before).filter(([key, shown]) => !isSecretPlace([key]) && !isMasked(shown));
      return [field, otherKind ? value : { ...Object.fromEntries(kept), ...filled(value, before, place) }];
    }),
  );
}

const isMasked = (value: unknown) => typeof value === "string" && value.includes(MASK);

/** Warnings of what maps lose: they are sent as they are given. */
function replacedMaps(given: JsonObject, existing: JsonObject): string[] {
  return Object.entries(given).flatMap(([field, value]) => {
    if (!isObject(value) || !isMap([field])) return [];
    if (isSecretPlace([field]))
      return [`connection.${field} is replaced as a whole, and loses what is not given again.`];
    const before = existing[field];
    const lost = isObject(before) ? Object.keys(before).filter((key) => !(key in value)) : [];
    return lost.length > 0 ? [`connection.${field} is replaced as a whole, and loses ${lost.join(", ")}.`] : [];
  });
}

function isMap(path: readonly string[]): boolean {
  return connectionTypes.some(({ schema }) => {
    const field = schemaAt(schema, path);
    return field !== undefined && bare(field) instanceof z.ZodRecord;
  });
}

/** The argument with the type that the connection has, since how it is read depends on it. */
function withType(given: unknown, type: unknown): unknown {
  if (typeof given !== "string") return isObject(given) ? { type, ...given } : given;
  try {
    const read: unknown = JSON.parse(given);
    return isObject(read) ? JSON.stringify({ type, ...read }) : given;
  } catch {
    return given;
  }
}

/** What of an existing connection can be read as the union has it; nobody can help what else Atlas shows. */
function usableFields(existing: JsonObject): JsonObject {
  const type = typeNamed(existing["type"]);
  const shape: z.ZodRawShape = type?.schema.shape ?? {};
  return Object.fromEntries(
    Object.entries(connectionView(existing)).filter(([field, value]) => shape[field]?.safeParse(value).success),
  );
}

/** Atlas does not show secrets, so each one that is given counts as a change. */
function changesOf(given: JsonObject, existing: JsonObject, place: Workspace): Change[] {
  return [
    ...visibleChanges(given, existing, place),
    ...secretsIn(given).map(({ path }) => ({ path: path.join("."), before: MASK, after: MASK })),
  ];
}

/** A field that is given replaces the one there is; fields that are not given stay. */
function visibleChanges(given: JsonObject, existing: JsonObject, { groupId }: Workspace): Change[] {
  return compare(given, existing, groupId)
    .filter(({ path }) => (path.split(".")[0] ?? "") in given)
    .map(({ path, asked, existing: before }) => ({
      path,
      ...(before !== undefined && { before }),
      ...(asked !== undefined && { after: asked }),
    }));
}

const listed = (changes: Change[]) => changes.map(({ path }) => path).join(", ");

/** The changes with what came from a reference masked. */
function shown(changes: Change[], referenced: ReadonlySet<string>): Change[] {
  return changes.map((change) => (referenced.has(change.path) ? { ...change, after: MASK } : change));
}

function unchanged({ place, body, existing, warnings }: Request): Result {
  return {
    outcome: "unchanged",
    summary: `The connection "${body.name}" is already as asked for; nothing was sent.`,
    connection: connectionView(existing),
    project: { ...place },
    changes: [],
    warnings,
  };
}

async function plan(request: Request, services: Services, context: CallContext): Promise<Result> {
  const { place, existing, given, body, changes, referenced, warnings } = request;
  const foreseen = await foreseeUpdate(given, { ...existing, ...given }, place, services, context);
  return {
    outcome: "planned",
    summary: `Would change ${listed(changes)} of the connection "${body.name}"; nothing was sent.`,
    project: { ...place },
    changes: shown(changes, referenced),
    request: plannedRequest(updateConnection(place, body.name, body), referenced, services.settings),
    warnings: [...warnings, ...foreseen],
  };
}

async function update(request: Request, services: Services, context: CallContext): Promise<Result> {
  const { place, existing, body, changes, referenced, warnings } = request;
  const onlySecrets = visibleChanges(body, existing, place).length === 0;
  const outcome = await writeOnce(
    services.atlas,
    {
      request: updateConnection(place, body.name, body),
      find: getConnection(place, body.name),
      happened: (seen) => seen !== "nothing" && visibleChanges(body, seen, place).length === 0,
    },
    {
      signal: context.signal,
      checkMs: services.settings.checkMs,
      onAbandoned: reportAbandoned("update", body.name, services, () =>
        onlySecrets ? "whether it happened cannot be seen, since Atlas does not show secrets" : "it happened",
      ),
    },
  );
  if (outcome.kind !== "answered") {
    if (onlySecrets) throw unseen(outcome.cause);
    warnings.push(
      `${outcome.cause.message}, so Atlas was asked: the connection is now as asked for. Atlas does not show secrets.`,
    );
  }
  return {
    outcome: "updated",
    summary: `Changed ${listed(changes)} of the connection "${body.name}".`,
    connection: connectionView(outcome.kind === "gone" ? {} : outcome.body),
    project: { ...place },
    changes: shown(changes, referenced),
    warnings,
  };
}

function unseen(cause: AtlasFailure): AtlasFailure {
  return new AtlasFailure(
    "unknown_outcome",
    `${cause.message}; whether the secret was changed cannot be seen, since Atlas does not show secrets`,
    { ...cause.facts, retryable: true },
    { cause },
  );
}
