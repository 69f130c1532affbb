/** `update_stream_connection`: changes what differs of an existing connection. */
import { z } from "zod/v3";
import { getConnection, updateConnection, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { networkFields } from "../../connections/access.ts";
import { withoutLinks } from "../../connections/added-by-atlas.ts";
import { compare, uncompared } from "../../connections/compare.ts";
import { isNeverReturned } from "../../connections/secret-places.ts";
import { connectionSchema, connectionTypes, typeNamed } from "../../connections/union.ts";
import { type Difference, isObject, type JsonObject, type Path, valueAt } from "../../json.ts";
import { MASK } from "../../mask.ts";
import { bare, ownWords, withTrait } from "../../schema/fields.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { schemaAt } from "../../schema/structure.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import { changeView } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { entries, warnings } from "../../tool/result.ts";
import { keepWritten, readRequested, secretsArgument } from "./connection-argument.ts";
import { foreseeUse } from "./foresee.ts";
import { askForSecrets } from "./missing-secrets.ts";
import { connection, connectionArguments, connectionView, readyConnection, waitUntilReady } from "./resource.ts";

/** The existing connection's type decides how the argument is read, so it is read once that is known. */
const fieldsToChange = withTrait(
  z.unknown().refine((value) => value !== undefined && value !== null, "is required: the fields to change"),
  {
    published: z
      .object({})
      .passthrough()
      .describe("Fields to change, as in create_stream_connection; not type, not name"),
  },
);

export default defineTool({
  name: "update_stream_connection",
  description: "Changes fields of a connection; what is not given stays.",
  effect: "changes",
  resource: connection,
  input: z
    .object({ ...connectionArguments, connection: fieldsToChange, dryRun, waitUntilReady, secrets: secretsArgument })
    .strict(),
  outcomes: ["updated", "unchanged", "planned"],
  output: {
    connection: connectionView,
    changes: ownWords(entries("path, before, after")),
    warnings,
    request: plannedRequest,
  },
  bodyArgument: "connection",
  async run(
    { groupId, tenantName, connectionName: name, connection: argument, dryRun, waitUntilReady: wait, secrets },
    call,
  ) {
    const place = { groupId, tenantName };
    const find = getConnection(place, name);
    keepWritten(argument, call);
    const existing = await call.find(find);
    const change = await readChange(argument, secrets === "ask", name, existing, place, call);
    for (const warning of change.warnings) call.warn(noteLine(warning));
    const { changes, body, partsOf } = change;
    const quotedName = `"${call.mask(name)}"`;
    if (changes.length === 0)
      return {
        outcome: "unchanged",
        summary: `The connection ${quotedName} is already as requested; nothing was changed.`,
        connection: connection.view(existing),
        changes: [],
      };
    const request = updateConnection(place, name, body);
    const changeViews = changes.map((each) => changeView(each, partsOf, call));
    const changed = changeViews.map(({ path }) => path).join(", ");
    if (dryRun) {
      const { warnings } = await foreseeUse({ ...existing, ...change.requested }, place, call);
      for (const warning of warnings) call.warn(warning);
      return {
        outcome: "planned",
        summary: `Would change ${changed} of the connection ${quotedName}; nothing was changed.`,
        changes: changeViews,
        request: call.planned(request, partsOf),
      };
    }
    const updated = await call.update({
      request,
      find,
      name,
      happened: (found) => visibleChanges(body, found, place).length === 0,
      unseen: visibleChanges(body, existing, place).length === 0,
    });
    const latest = wait ? await readyConnection(updated, find, name, call) : updated;
    return {
      outcome: "updated",
      summary: `Changed ${changed} of the connection ${quotedName}.`,
      connection: connection.view(latest),
      changes: changeViews,
    };
  },
});

interface RequestedChange {
  /** The fields to change, each whole. */
  requested: JsonObject;
  /** The request's body: those, with the type and the name that the connection has. */
  body: JsonObject;
  changes: readonly Difference[];
  partsOf: PartsOf;
  warnings: readonly Note[];
}

const ARGUMENT: Path = ["connection"];

/**
 * Reads the fields to change. `ask` has a person type secrets: those that the requested fields lack or that stand there as
 * `ask`, or else all that the connection needs.
 * @throws {InvalidInput} for fields that cannot be used, or cannot be changed.
 * @throws {PersonNeeded} where a person is to type secrets.
 */
async function readChange(
  argument: unknown,
  ask: boolean,
  name: string,
  existing: JsonObject,
  place: WorkspacePlace,
  call: Call,
): Promise<RequestedChange> {
  const same = { type: existing["type"], name };
  const usable = usableFields(existing);
  const read = await readRequested(argument, ARGUMENT, call, {
    schema: typeNamed(same.type)?.schema ?? connectionSchema,
    ask,
    complete: (fields) => ({ ...usable, ...same, ...filled(fields, usable) }),
  });
  if (!("value" in read)) throw new InvalidInput(read.problems);
  const { fields, reading, missing, partsOf } = read.value;
  const requested = filled(fields, usable);
  // What is left out stays as it is, whatever the union says about how Atlas shows it.
  const isRequested = ({ path }: { path: Path }) => path[1] === undefined || path[1] === "type" || path[1] in requested;
  const changes = changesOf(requested, existing, place);
  const newName = requested["name"];
  const renamed = newName !== undefined && newName !== name ? [{ path: ["name"], existing: name }] : [];
  const fixed = [...renamed, ...changes.filter(({ path }) => FIXED.has(path[0] ?? ""))].map(
    ({ path, existing: before }) => ({
      path: [...ARGUMENT, ...path],
      message: `cannot be changed in place${
        before === undefined ? "" : `; it is ${JSON.stringify(call.mask(String(before)))}`
      }. Delete the connection and create it again, after asking the person`,
    }),
  );
  const isLackOfSecrets = ask && reading.missingSecrets.length > 0;
  const problems = reading.ok || isLackOfSecrets ? [] : reading.problems.filter(isRequested);
  if (fixed.length + problems.length > 0) throw new InvalidInput(fixed.length > 0 ? fixed : problems);
  const lacking = missing.filter(({ path }) => (path[0] ?? "") in requested);
  // A person is asked once: what was typed is among the fields now.
  const toType = !ask || call.typed.length > 0 ? [] : lacking.length > 0 ? lacking : missing;
  if (toType.length > 0)
    throw await askForSecrets(
      [{ at: ARGUMENT, fields: { ...usable, ...requested, ...same }, missing: toType }],
      true,
      call,
    );
  return {
    requested,
    body: { ...requested, ...same },
    changes,
    partsOf,
    warnings: [
      ...read.value.changes,
      ...read.value.warnings.filter(isRequested),
      ...lacking.map(({ path }) => ({
        path: [...ARGUMENT, ...path],
        message: "was left out, and Atlas may not keep the secret it has: give it again.",
      })),
      ...replacedMaps(requested, existing),
    ],
  };
}

/** What Atlas does not change in place; of the network path it says STREAM_NETWORKING_CANNOT_BE_MODIFIED. */
export const FIXED: ReadonlySet<string> = new Set(["type", "region", ...networkFields]);

/** Fields that say what an object is; where one changes, the object's other fields mean something else. */
const KINDS = ["type", "mechanism"];

/**
 * `fields`, in which each object keeps what it leaves out: a new password is not meant to drop the user. Maps, whose keys
 * are free, and objects that become another kind replace what there is.
 */
function filled(fields: JsonObject, existing: JsonObject, path: Path = []): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const before = existing[field];
      const inside = [...path, field];
      if (!isObject(value) || !isObject(before) || isMap(inside)) return [field, value];
      const otherKind = KINDS.some((kind) => kind in value && value[kind] !== before[kind]);
      // If Atlas should show something in place of a secret, it is not the secret.
      const kept = Object.entries(before).filter(([key]) => !isNeverReturned([key]));
      return [field, otherKind ? value : { ...Object.fromEntries(kept), ...filled(value, before, inside) }];
    }),
  );
}

/** Warnings of what maps lose: they are sent as requested. */
function replacedMaps(requested: JsonObject, existing: JsonObject): Note[] {
  return Object.entries(requested).flatMap(([field, value]) => {
    if (!isObject(value) || !isMap([field])) return [];
    const path = [...ARGUMENT, field];
    const before = existing[field];
    const lost = isObject(before) ? Object.keys(before).filter((key) => !(key in value)) : [];
    return lost.length > 0 ? [{ path, message: `is replaced as a whole, and loses ${lost.join(", ")}.` }] : [];
  });
}

function isMap(path: Path): boolean {
  return connectionTypes.some(({ schema }) => {
    const field = schemaAt(schema, path);
    return field !== undefined && bare(field) instanceof z.ZodRecord;
  });
}

/** The fields of an existing connection that are as the union has them; nobody can help what else Atlas shows. */
function usableFields(existing: JsonObject): JsonObject {
  const shape: z.ZodRawShape = typeNamed(existing["type"])?.schema.shape ?? {};
  return Object.fromEntries(
    Object.entries(withoutLinks(existing)).filter(([field, value]) => {
      const issues = shape[field] ? (shape[field].safeParse(value).error?.issues ?? []) : undefined;
      // A secret that Atlas leaves out is no fault of what it shows.
      return issues?.every(
        ({ path }) => isNeverReturned(path.map(String)) && valueAt(value, path.map(String)) === undefined,
      );
    }),
  );
}

/** Atlas does not show secrets, so each one requested counts as a change. */
function changesOf(requested: JsonObject, existing: JsonObject, place: WorkspacePlace): Difference[] {
  return [
    ...visibleChanges(requested, existing, place),
    ...uncompared(requested).map((path) => ({ path, requested: MASK, existing: MASK })),
  ];
}

/** A requested field replaces the existing one; fields that are left out stay. */
export function visibleChanges(requested: JsonObject, existing: JsonObject, { groupId }: WorkspacePlace): Difference[] {
  return compare(requested, existing, groupId).filter(({ path }) => (path[0] ?? "") in requested);
}
