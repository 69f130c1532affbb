/** `update_stream_connection`: changes what differs of an existing connection. */
import { z } from "zod/v3";
import {
  getConnection,
  updateConnection,
  updateFailoverConnection,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { networkFields } from "../../connections/access.ts";
import { withoutLinks } from "../../connections/added-by-atlas.ts";
import { compare, uncompared } from "../../connections/compare.ts";
import type { MissingSecret } from "../../connections/connection-type.ts";
import { isFreeMap, isHeaders, isNeverReturned } from "../../connections/secret-places.ts";
import { connectionSchema, typeNamed } from "../../connections/union.ts";
import {
  type Difference,
  dotted,
  isObject,
  type JsonObject,
  type Path,
  samePath,
  stringsIn,
  valueAt,
} from "../../json.ts";
import { MASK } from "../../mask.ts";
import { parsed } from "../../schema/as-meant.ts";
import { ownWords, traitOf, unlisted, withTrait } from "../../schema/fields.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { propertiesOf, schemaAt } from "../../schema/structure.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import { changeView, differenceNote } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { refuseLeaving } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, warnings } from "../../tool/result.ts";
import { someOf } from "../../tool/words.ts";
import { STEPS, stepsOf } from "../processors/while-stopped.ts";
import { keepWritten, readRequested, secretsArgument } from "./connection-argument.ts";
import { failoverArgument, getFailover, requireNamed } from "./failover.ts";
import { foreseeUse } from "./foresee.ts";
import { askForSecrets } from "./missing-secrets.ts";
import {
  comparison,
  connection,
  connectionArguments,
  connectionView,
  readyConnection,
  waitUntilReady,
} from "./resource.ts";
import { changeWhileStopped } from "./restart.ts";
import { inUse, namingUsers, usersOf } from "./users.ts";

const again = ({ way }: Call) =>
  `, call again, and ${way("start them", "start_stream_processor")}; or call again with restartProcessors: true, which does all that`;

/** The existing connection's type decides how the argument is read, so it is read once that is known. */
const fieldsToChange = withTrait(
  z.unknown().refine((value) => value !== undefined && value !== null, "is required: the fields to change"),
  {
    published: z
      .object({})
      .passthrough()
      .describe("Fields to change, as in create_stream_connection; maps are merged, null takes a key away"),
  },
);

export default defineTool({
  name: "update_stream_connection",
  description: "Changes fields of a connection; what is not given stays.",
  effect: "changes",
  resource: connection,
  input: z
    .object({
      ...connectionArguments,
      connection: fieldsToChange,
      dryRun,
      waitUntilReady,
      secrets: secretsArgument,
      restartProcessors: z.boolean().default(false).describe("Stop processors that use it, and start them again"),
      failoverOf: failoverArgument,
    })
    .strict(),
  outcomes: ["updated", "unchanged", "planned"],
  output: {
    connection: connectionView,
    changes: ownWords(entries("path, before, after")),
    steps: ownWords(unlisted(entries("stop, modify, start: done, failed or skipped"))),
    warnings,
  },
  bodyArgument: "connection",
  async run(
    {
      groupId,
      tenantName,
      connectionName,
      connection: argument,
      dryRun,
      waitUntilReady,
      secrets,
      restartProcessors,
      failoverOf,
    },
    call,
  ) {
    const place = { groupId, tenantName };
    keepWritten(argument, call);
    const failover = failoverOf === undefined ? undefined : { ...place, failoverOf };
    const region = { value: textAt(argument, "region"), at: [...ARGUMENT, "region"] };
    const found = failover && (await requireNamed(failover, connectionName, region, call));
    const name = found ? String(found["name"]) : connectionName;
    const find = failover && found ? getFailover(failover, found) : getConnection(place, name);
    const existing = await call.find(find);
    refuseLeaving(name, existing, call);
    const change = await readChange(argument, secrets === "ask", { ...existing, name }, place, call);
    for (const warning of change.warnings) call.warn(warning);
    const { requested, changes, body, partsOf } = change;
    const quotedName = `"${call.mask(name)}"`;
    if (changes.length === 0)
      return {
        outcome: "unchanged",
        summary: `The connection ${quotedName} is already as requested; nothing was changed.`,
        connection: connection.view(existing),
        changes: [],
      };
    const request =
      failover && found
        ? updateFailoverConnection(place, failover.failoverOf, String(found["id"]), body)
        : updateConnection(place, name, body);
    const changeViews = changes.map((each) => changeView(each, partsOf, call));
    const changed = changeViews.map(({ path }) => path).join(", ");
    // Processors run on the primary.
    const users = !failover && (dryRun || restartProcessors) ? await usersOf(name, place, call) : undefined;
    const isUnread = users instanceof ToolFailure;
    const running = isUnread ? [] : (users?.running ?? []);
    if (dryRun) {
      const { warnings } = await foreseeUse({ ...existing, ...requested }, place, call);
      const unread = isUnread ? [`Not everything could be checked: ${users.message}.`] : [];
      for (const warning of [...warnings, ...unread]) call.warn(warning);
    }
    const modify = (by: Call) =>
      by.update({
        request,
        find,
        name,
        partsOf,
        happened: (found) => visibleChanges(body, found, groupId).length === 0,
        unseen: visibleChanges(body, existing, groupId).length === 0,
        ...comparison(body),
      });
    /** Processors that were stopped for it start once it works, or has failed. */
    const modifyAndWait = async (by: Call) => by.attempt(readyConnection(await modify(by), find, name, by, existing));
    const restarted = running.length > 0 && restartProcessors ? someOf(running.map(call.mask)) : undefined;
    const updated = await call.attempt(
      restarted ? changeWhileStopped(running, { request, run: modifyAndWait }, place, call) : modify(call),
    );
    if (updated instanceof ToolFailure && !restarted) throw await namingUsers(updated, name, place, again(call), call);
    if (dryRun) {
      if (updated instanceof ToolFailure) throw updated.with({ result: { changes: changeViews } });
      if (running.length > 0 && !restarted)
        throw inUse(name, running, again(call), call).with({ result: { changes: changeViews } });
      const summary = `Would ${restarted ? `stop ${restarted}, ` : ""}change ${changed} of the connection ${quotedName}${restarted ? " and start them again" : ""}; nothing was changed.`;
      const steps = restarted && { steps: STEPS.map((step) => ({ step })) };
      return { outcome: "updated", summary, changes: changeViews, ...steps };
    }
    const steps = restarted && { steps: stepsOf("done done done") };
    const latest =
      waitUntilReady && !restarted && !(updated instanceof ToolFailure)
        ? await call.attempt(readyConnection(updated, find, name, call, existing))
        : updated;
    if (latest instanceof ToolFailure)
      throw latest.with({ result: { changes: changeViews, ...steps, ...latest.circumstances.result } });
    const otherwise = visibleChanges(requested, latest, groupId);
    for (const difference of otherwise) call.warn(noteLine(differenceNote(difference, partsOf, call)));
    const shown = ({ path, ...change }: Difference): Difference => {
      const other = otherwise.find((each) => samePath(each.path, path));
      return { path, ...change, ...(other && { requested: other.existing }) };
    };
    const notShown = otherwise.map(({ path }) => dotted(call.visiblePath(path))).join(", ");
    return {
      outcome: "updated",
      summary: notShown
        ? `Atlas took the change of the connection ${quotedName}, but does not show ${notShown} as requested.`
        : `Changed ${changed} of the connection ${quotedName}${restarted ? `; for that ${restarted} were stopped, and run again` : ""}.`,
      connection: connection.view(latest),
      changes: changes.map((each) => changeView(shown(each), partsOf, call)),
      ...steps,
    };
  },
});

/** A text in an argument that is not read yet. */
function textAt(argument: unknown, field: string): string | undefined {
  const value = valueAt(parsed(argument), [field]);
  return typeof value === "string" ? value : undefined;
}

/** A change of an existing connection. */
interface Change {
  /** The fields that are named, each as it is to become: what is left out inside them is as it was. */
  requested: JsonObject;
  changes: readonly Difference[];
  /** The request's body: the fields that change, with the type and the name that the connection has. */
  body: JsonObject;
}

/** What `fields` change of a connection; of what they name, what does not differ is not sent. */
export function changeOf(fields: JsonObject, existing: JsonObject, { groupId }: WorkspacePlace): Change {
  const { type, name } = existing;
  const requested = merged(fields, usableFields(existing), schemaOf(existing));
  const cleared = Object.keys(requested).filter((field) => isHidden(field, existing) && isEmpty(requested[field]));
  const changes = [
    ...visibleChanges(requested, existing, groupId),
    ...cleared.map((field) => ({ path: [field], requested: {} })),
    // Each secret given counts as a change, since nobody can see whether it is one.
    ...uncompared(requested, existing).map((path) => ({
      path,
      requested: valueAt(requested, path),
      ...(isNeverReturned(path) && { existing: MASK }),
    })),
  ];
  const changed = Object.entries(requested).filter(([field]) => changes.some(({ path }) => path[0] === field));
  return { requested, changes, body: { ...Object.fromEntries(changed), type, name } };
}

/** A requested field replaces the existing one; fields that are left out stay. */
export function visibleChanges(requested: JsonObject, existing: JsonObject, groupId: string): Difference[] {
  return compare(requested, existing, groupId).filter(({ path }) => (path[0] ?? "") in requested);
}

const schemaOf = ({ type }: JsonObject): z.ZodTypeAny => typeNamed(type)?.schema ?? connectionSchema;

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;

interface RequestedChange extends Change {
  partsOf: PartsOf;
  warnings: readonly string[];
}

const ARGUMENT: Path = ["connection"];
const inArgument = ({ path, ...note }: Note): Note => ({ ...note, path: [...ARGUMENT, ...path] });

/**
 * Reads the fields to change. `ask` has a person type secrets: those that the change lacks or that stand there as `ask`,
 * or else all that the connection needs.
 * @throws {InvalidInput} for fields that cannot be used, or cannot be changed.
 * @throws {PersonNeeded} where a person is to type secrets.
 */
async function readChange(
  argument: unknown,
  ask: boolean,
  existing: JsonObject,
  place: WorkspacePlace,
  call: Call,
): Promise<RequestedChange> {
  const { type, name } = existing;
  const schema = schemaOf(existing);
  const usable = usableFields(existing);
  const read = await readRequested(argument, ARGUMENT, call, {
    schema,
    ask,
    complete: (fields) => ({ ...usable, ...merged(fields, usable, schema), type, name }),
  });
  if (!("value" in read)) throw new InvalidInput(read.problems, undefined, read.warnings);
  const { fields, reading, missing, nulls, partsOf } = read.value;
  const change = changeOf(fields, existing, place);
  const { requested, changes, body } = change;
  refuseFixed(requested["name"], name, changes, call);
  const inMaps = mapNotes(fields, change, existing);
  // What is there is not judged, only what is given.
  const isAbout = ({ path: [, ...inside] }: Note) => {
    const [field = "type"] = inside;
    const value = valueAt(requested, inside);
    return field === "type" || (field in (value === undefined ? body : requested) && value !== valueAt(usable, inside));
  };
  const problems = [
    ...(reading.ok || reading.missingSecrets.length > 0 ? [] : reading.problems.filter(isAbout)),
    ...inMaps.problems.map(inArgument),
  ];
  if (problems.length > 0) throw new InvalidInput(problems, undefined, reading.warnings.filter(isAbout));
  const lacking = [...missing, ...keysMissing(body, schema)].filter(({ path }) => (path[0] ?? "") in body);
  // A person is asked once: what was typed is among the fields now.
  const toType = lacking.length > 0 || !ask || call.typed.length > 0 ? lacking : missing;
  const incomplete = { at: ARGUMENT, fields: { ...usable, ...requested, type, name }, missing: toType };
  if (toType.length > 0) {
    await call.permit([updateConnection(place, String(name), body)]);
    throw await askForSecrets([incomplete], ask, call);
  }
  const notes = [...read.value.changes, ...read.value.warnings.filter(isAbout), ...inMaps.warnings.map(inArgument)];
  return { ...change, partsOf, warnings: [...notes.map(noteLine), ...nullWarning(nulls, existing, schema)] };
}

/** What Atlas does not change in place; of the network path it says STREAM_NETWORKING_CANNOT_BE_MODIFIED. */
export const FIXED: ReadonlySet<string> = new Set(["type", "region", ...networkFields]);

/** @throws {InvalidInput} for changes of what Atlas does not change in place, a new name among them. */
function refuseFixed(newName: unknown, name: unknown, changes: readonly Difference[], { mask }: Call): void {
  const renamed = newName === undefined || newName === name ? [] : [{ path: ["name"], existing: name }];
  const fixed = [...renamed, ...changes.filter(({ path }) => FIXED.has(path[0] ?? ""))];
  if (fixed.length === 0) return;
  throw new InvalidInput(
    fixed.map(({ path, existing }) => {
      const is = existing === undefined ? "" : `; it is ${JSON.stringify(mask(String(existing)))}`;
      const message = `cannot be changed in place${is}. Delete the connection and create it again, after asking the person`;
      return inArgument({ path, message });
    }),
  );
}

/**
 * `fields`, in which each object keeps what it leaves out: a new password is not meant to drop the user. Of an object that
 * becomes another kind, what the new kind can have is kept; of a map, null takes a key away, and `{}` all of them.
 */
function merged(fields: JsonObject, existing: JsonObject, schema: z.ZodTypeAny): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const before = existing[field];
      if (!isObject(value)) return [field, value];
      if (isFreeMap(field)) return [field, mergedMap(value, isObject(before) ? before : {}, isHeaders(field))];
      if (!isObject(before)) return [field, value];
      const inner = schemaAt(schema, [field]) ?? z.unknown();
      // If Atlas should show something in place of a secret, it is not the secret.
      const kept = Object.entries(before).filter(
        ([key]) => !isNeverReturned([key]) && canStay(key, value, before, inner),
      );
      const brought = traitsIn(inner).flatMap(({ name, knownWhere: where }) =>
        where?.known.some((known) => known === value[name]) ? [[where.field, where.is]] : [],
      );
      return [field, { ...Object.fromEntries([...kept, ...brought]), ...merged(value, before, inner) }];
    }),
  );
}

function mergedMap(map: JsonObject, before: JsonObject, caseless: boolean): JsonObject {
  const after = new Map(Object.entries(isEmpty(map) ? {} : before));
  for (const [name, value] of Object.entries(map)) {
    const isSame = (other: string) => other === name || (caseless && other.toLowerCase() === name.toLowerCase());
    const key = [...after.keys()].find(isSame) ?? name;
    if (value === null) after.delete(key);
    else after.set(key, value);
  }
  return Object.fromEntries(after);
}

const traitsIn = (schema: z.ZodTypeAny) => propertiesOf(schema).map(([name, field]) => ({ name, ...traitOf(field) }));

/** Whether what stands at `key` of an object can stay beside the fields that change it. */
function canStay(key: string, changed: JsonObject, before: JsonObject, schema: z.ZodTypeAny): boolean {
  const { type = before["type"], mechanism = before["mechanism"] } = changed;
  if (type !== before["type"]) return false;
  if (mechanism === before["mechanism"]) return true;
  const fields = traitsIn(schema).filter(({ kinds }) => kinds !== undefined);
  const having = fields.filter(({ kinds }) => kinds?.some((kind) => kind === mechanism));
  // A mechanism that is not known may have any of them.
  return having.length === 0 || having.some(({ name }) => name === key) || !fields.some(({ name }) => name === key);
}

/** Whether a field is a map that Atlas may have without showing it. */
const isHidden = (field: string, existing: JsonObject) => isHeaders(field) && existing[field] == null;

/** What there is to say of maps that are to change in part: each is sent whole, as far as Atlas shows it. */
function mapNotes(fields: JsonObject, { body }: Change, existing: JsonObject): { problems: Note[]; warnings: Note[] } {
  const problems: Note[] = [];
  const warnings: Note[] = [];
  const way = "; give all that it is to hold, or {} to clear it";
  for (const [field, map] of Object.entries(fields)) {
    if (!isFreeMap(field) || !isObject(map) || isEmpty(map) || !(field in body)) continue;
    const path = [field];
    const masked = stringsIn(body[field]).filter(({ text }) => text.includes(MASK));
    problems.push(
      ...masked.map((each) => ({
        path: [...path, ...each.path],
        message: `stays as it is only if it is sent again, and Atlas does not show its value; give it, or null to take it away, or {} as ${field} to clear them all`,
      })),
    );
    if (!isHidden(field, existing)) continue;
    if (Object.values(map).includes(null))
      problems.push({ path, message: `cannot be changed in part, since Atlas does not show any${way}` });
    else warnings.push({ path, message: "Atlas does not show any; those given replace whatever there are." });
  }
  return { problems, warnings };
}

/** Keys of certificates. Atlas shows the certificate alone, and what is sent replaces the two. */
function keysMissing(body: JsonObject, schema: z.ZodTypeAny): MissingSecret[] {
  return Object.entries(body).flatMap(([field, value]) => {
    const traits = traitsIn(schemaAt(schema, [field]) ?? z.unknown());
    const certificate = traits.find(({ pem }) => pem === "certificate");
    const key = traits.find(({ pem }) => pem === "private key");
    if (!isObject(value) || !certificate || !key || !value[certificate.name] || value[key.name]) return [];
    return [
      { path: [field, key.name], reason: `${certificate.name} goes with it, and Atlas may not keep the one it has` },
    ];
  });
}

/** A warning of fields that came as null although Atlas has a value. */
function nullWarning(nulls: readonly Path[], existing: JsonObject, schema: z.ZodTypeAny): string[] {
  const kept = nulls
    .filter(
      (path) => !["name", "type"].includes(path.join()) && schemaAt(schema, path) && valueAt(existing, path) != null,
    )
    .map((path) => dotted([...ARGUMENT, ...path]));
  if (kept.length === 0) return [];
  return [
    `${kept.join(", ")}: null counts as left out, so ${kept.length === 1 ? "it stays as it is" : "they stay as they are"}. To clear a map give {}, to clear a text "" (Atlas may refuse either).`,
  ];
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
