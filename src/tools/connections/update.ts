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
import { shownChange } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { entries, warnings } from "../../tool/result.ts";
import { keepTyped, readRequested, secretsArgument } from "./connection-argument.ts";
import { foreseeUse } from "./foresee.ts";
import { requestSecrets } from "./missing-secrets.ts";
import { connection, connectionArguments, readyConnection, shownConnection, waitUntilReady } from "./resource.ts";

/** How the argument is read depends on the existing connection's type, so it is looked into once that is known. */
const fieldsToChange = withTrait(
  z.unknown().refine((given) => given !== undefined && given !== null, "is required: the fields to change"),
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
    connection: shownConnection,
    changes: ownWords(entries("path, before, after")),
    warnings,
    request: plannedRequest,
  },
  bodyArgument: "connection",
  async run(
    { groupId, tenantName, connectionName: name, connection: given, dryRun, waitUntilReady: wait, secrets },
    call,
  ) {
    const place = { groupId, tenantName };
    const find = getConnection(place, name);
    keepTyped(given, call);
    const existing = await call.shown(find);
    const change = await readChange(given, secrets === "ask", name, existing, place, call);
    for (const warning of change.warnings) call.warn(noteLine(warning));
    const { changes, body, partsOf } = change;
    const shownName = call.mask(name);
    if (changes.length === 0)
      return {
        outcome: "unchanged",
        summary: `The connection "${shownName}" is already as asked for; nothing had to be changed.`,
        connection: connection.view(existing),
        changes: [],
      };
    const request = updateConnection(place, name, body);
    const shownChanges = changes.map((each) => shownChange(each, partsOf, call));
    const changed = shownChanges.map(({ path }) => path).join(", ");
    if (dryRun) {
      const { warnings } = await foreseeUse({ ...existing, ...change.given }, place, call);
      for (const warning of warnings) call.warn(warning);
      return {
        outcome: "planned",
        summary: `Would change ${changed} of the connection "${shownName}"; nothing was changed.`,
        changes: shownChanges,
        request: call.planned(request, partsOf),
      };
    }
    const { shown } = await call.update({
      request,
      find,
      name,
      happened: (seen) => visibleChanges(body, seen, place).length === 0,
      unseen: visibleChanges(body, existing, place).length === 0,
    });
    const last = wait ? await readyConnection(shown, find, name, call) : shown;
    return {
      outcome: "updated",
      summary: `Changed ${changed} of the connection "${shownName}".`,
      connection: connection.view(last),
      changes: shownChanges,
    };
  },
});

interface ReadChange {
  /** The fields that were given. */
  given: JsonObject;
  /** What is sent: those, with the type and name that the connection has. */
  body: JsonObject;
  changes: readonly Difference[];
  partsOf: PartsOf;
  warnings: readonly Note[];
}

const ARGUMENT: Path = ["connection"];

/**
 * `ask` has a person type secrets: those given as `ask` and those that the given fields lack, or else all that there are.
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
): Promise<ReadChange> {
  const same = { type: existing["type"], name };
  const usable = usableFields(existing);
  const read = await readRequested(argument, ARGUMENT, call, {
    schema: typeNamed(same.type)?.schema ?? connectionSchema,
    ask,
    complete: (fields) => ({ ...usable, ...same, ...filled(fields, usable) }),
  });
  if (!("value" in read)) throw new InvalidInput(read.problems);
  const { fields, reading, missing, partsOf } = read.value;
  const given = filled(fields, usable);
  // What is not given stays as it is, whatever the union thinks of how Atlas shows it.
  const isGiven = ({ path }: { path: Path }) => path[1] === undefined || path[1] === "type" || path[1] in given;
  const changes = changesOf(given, existing, place);
  const renamed = given["name"] !== undefined && given["name"] !== name ? [{ path: ["name"], existing: name }] : [];
  const fixed = [...renamed, ...changes.filter(({ path }) => FIXED.has(path[0] ?? ""))].map(
    ({ path, existing: before }) => ({
      path: [...ARGUMENT, ...path],
      message: `cannot be changed in place${
        before === undefined ? "" : `; it is ${JSON.stringify(call.mask(String(before)))}`
      }. Delete the connection and create it again, after asking the person`,
    }),
  );
  const isLackOfSecrets = ask && reading.missingSecrets.length > 0;
  const concerns = reading.ok || isLackOfSecrets ? [] : reading.problems.filter(isGiven);
  if (fixed.length + concerns.length > 0) throw new InvalidInput(fixed.length > 0 ? fixed : concerns);
  const lacking = missing.filter(({ path }) => (path[0] ?? "") in given);
  // A person is asked once: what was typed is part of what is given now.
  const toType = !ask || call.typed.length > 0 ? [] : lacking.length > 0 ? lacking : missing;
  if (toType.length > 0)
    throw await requestSecrets(
      [{ at: ARGUMENT, fields: { ...usable, ...given, ...same }, missing: toType }],
      true,
      call,
    );
  return {
    given,
    body: { ...given, ...same },
    changes,
    partsOf,
    warnings: [
      ...read.value.changes,
      ...read.value.warnings.filter(isGiven),
      ...lacking.map(({ path }) => ({
        path: [...ARGUMENT, ...path],
        message: "was left out, and Atlas may not keep the secret it has: give it again.",
      })),
      ...replacedMaps(given, existing),
    ],
  };
}

/** What Atlas does not change in place; of the network path it says STREAM_NETWORKING_CANNOT_BE_MODIFIED. */
export const FIXED: ReadonlySet<string> = new Set(["type", "region", ...networkFields]);

/** Fields that say what kind of thing an object is; with another kind its other fields mean something else. */
const KINDS = ["type", "mechanism"];

/**
 * The given fields, in which each object keeps what it is not given: whoever gives a new password does not mean to
 * drop the user. Maps, whose keys are free, and objects that become another kind replace what there is.
 */
function filled(given: JsonObject, existing: JsonObject, path: Path = []): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const before = existing[field];
      const place = [...path, field];
      if (!isObject(value) || !isObject(before) || isMap(place)) return [field, value];
      const otherKind = KINDS.some((kind) => kind in value && value[kind] !== before[kind]);
      // Whatever Atlas should show of a secret that it does not return, is not the secret.
      const kept = Object.entries(before).filter(([key]) => !isNeverReturned([key]));
      return [field, otherKind ? value : { ...Object.fromEntries(kept), ...filled(value, before, place) }];
    }),
  );
}

/** Warnings of what maps lose: they are sent as they are given. */
function replacedMaps(given: JsonObject, existing: JsonObject): Note[] {
  return Object.entries(given).flatMap(([field, value]) => {
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

/** What of an existing connection can be read as the union has it; nobody can help what else Atlas shows. */
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

/** Atlas does not show secrets, so each one that is given counts as a change. */
function changesOf(given: JsonObject, existing: JsonObject, place: WorkspacePlace): Difference[] {
  return [
    ...visibleChanges(given, existing, place),
    ...uncompared(given).map((path) => ({ path, asked: MASK, existing: MASK })),
  ];
}

/** A field that is given replaces the one there is; fields that are not given stay. */
export function visibleChanges(given: JsonObject, existing: JsonObject, { groupId }: WorkspacePlace): Difference[] {
  return compare(given, existing, groupId).filter(({ path }) => (path[0] ?? "") in given);
}
