/**
 * A whole pipeline as a plan: what is to be created or changed, in order, each step with the function that does it. What is
 * there already as it was asked for needs nothing, so a plan that was cut short can be made again and goes on.
 */
import {
  createConnection,
  getConnection,
  getProcessor,
  getWorkspace,
  updateConnection,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { compare } from "../../connections/compare.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import type { Difference, JsonObject } from "../../json.ts";
import { noteLine } from "../../schema/problems.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import { shownChange } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { Absent } from "../../tool/missing.ts";
import type { RequestedConnection } from "../connections/connection-argument.ts";
import { createConnectionOnce } from "../connections/create.ts";
import { connection, readyConnection, secretsNotCompared } from "../connections/resource.ts";
import { FIXED, visibleChanges } from "../connections/update.ts";
import { createProcessorOnce } from "../processors/create.ts";
import { changesOf, type ProcessorDefinition } from "../processors/definition.ts";
import { start } from "../processors/lifecycle.ts";
import { processor } from "../processors/resource.ts";
import { changeOf, changeProcessor } from "../processors/update.ts";
import { createWorkspaceOnce, type RequestedWorkspace, workspaceDifferences } from "../workspaces/create.ts";
import { workspace } from "../workspaces/resource.ts";

export interface PlannedAction {
  action: "create" | "update" | "none" | "conflict";
  kind: "workspace" | "connection" | "processor";
  name: string;
  changes: JsonObject[];
  /** Does it; absent where there is nothing to do. */
  run?: () => Promise<unknown>;
  /** A connection whose secrets are still missing. */
  lacking?: RequestedConnection;
}

export interface RequestedProcessor extends ProcessorDefinition {
  pipeline: readonly JsonObject[];
  processorName: string;
  start: boolean;
}

/** The step for a workspace, and whether it is there. Without one asked for, there has to be one. */
export async function planWorkspace(
  asked: RequestedWorkspace | undefined,
  place: WorkspacePlace,
  call: Call,
): Promise<{ step?: PlannedAction; exists: boolean }> {
  const about = call.about(workspace, { ...place });
  const read = about.shown(getWorkspace(place));
  if (!asked) {
    await read;
    return { exists: true };
  }
  const found = await about.unlessAbsent(read);
  const step = { kind: "workspace" as const, name: place.tenantName };
  if (found instanceof Absent)
    return {
      exists: false,
      step: { ...step, action: "create", changes: [], run: () => createWorkspaceOnce(place, asked, about) },
    };
  const differences = workspaceDifferences(asked, found);
  return { exists: true, step: { ...step, ...unchangeable(differences, () => [], about) } };
}

/** The step for a connection; `existing` is the one that has its name. */
export function planConnection(
  given: RequestedConnection,
  existing: JsonObject | undefined,
  place: WorkspacePlace,
  call: Call,
): PlannedAction {
  const { reading, fields } = given;
  const asked: JsonObject = reading.ok ? reading.connection : fields;
  const name = String(asked["name"]);
  const about = call.about(connection, { ...place, [connection.argument]: name });
  const step = { kind: "connection" as const, name };
  const lacking = given.missing.length > 0 ? { lacking: given } : {};
  for (const note of [...given.changes, ...given.warnings]) call.warn(noteLine(note));
  if (existing) {
    const change = planChange(asked, existing, given, place, about);
    if (change.action === "none" && reading.ok)
      for (const unseen of secretsNotCompared(reading.connection)) call.warn(unseen);
    return { ...step, ...change, ...(change.run && lacking) };
  }
  return {
    ...step,
    ...lacking,
    action: "create",
    changes: [],
    run: async () => {
      if (!reading.ok) return;
      const request = createConnection(place, reading.connection);
      const { existing } = await createConnectionOnce(
        { request, workspace: place, requested: reading.connection, partsOf: given.partsOf },
        about,
      );
      // A processor can only use one that is ready.
      await readyConnection(existing, getConnection(place, name), name, about);
    },
  };
}

/** What an existing connection needs to become the one asked for; what nothing can change stands in the way. */
function planChange(
  asked: JsonObject,
  existing: JsonObject,
  { reading, partsOf }: RequestedConnection,
  place: WorkspacePlace,
  call: Call,
): Pick<PlannedAction, "action" | "changes" | "run"> {
  const differences = compare(asked, existing, place.groupId);
  const changes = visibleChanges(asked, existing, place);
  const inTheWay = changes.length < differences.length || changes.some(({ path }) => FIXED.has(path[0] ?? ""));
  if (differences.length === 0 || inTheWay) return unchangeable(differences, partsOf, call);
  const name = String(asked["name"]);
  const find = getConnection(place, name);
  return {
    action: "update",
    changes: differences.map((each) => shownChange(each, partsOf, call)),
    run: async () => {
      if (!reading.ok) return;
      const happened = (seen: JsonObject) => visibleChanges(asked, seen, place).length === 0;
      const request = updateConnection(place, name, reading.connection);
      const { shown } = await call.update({ request, find, name, happened, unseen: false });
      await readyConnection(shown, find, name, call);
    },
  };
}

/** The step for a processor; `existing` is the one that has its name. */
export function planProcessor(
  asked: RequestedProcessor,
  existing: JsonObject | undefined,
  place: WorkspacePlace,
  call: Call,
): PlannedAction {
  const { processorName: name, start: toStart } = asked;
  const about = call.about(processor, { ...place, [processor.argument]: name });
  const step = { kind: "processor" as const, name };
  if (!existing)
    return {
      ...step,
      action: "create",
      changes: toStart ? [{ path: "state", after: "STARTED" }] : [],
      run: () => createProcessorOnce(place, name, asked, toStart, about),
    };
  const changes = changesOf(asked, existing).map((each) => shownChange(each, stageSecretParts, about));
  const starts = toStart && existing["state"] !== "STARTED";
  if (changes.length === 0 && !starts) return { ...step, action: "none", changes };
  const find = getProcessor(place, name);
  return {
    ...step,
    action: "update",
    changes: [...changes, ...(starts ? [{ path: "state", before: existing["state"], after: "STARTED" }] : [])],
    run: async () => {
      const before = await about.untilSettled(existing, find);
      const last =
        changes.length === 0
          ? before
          : await changeProcessor(changeOf({ place, name, now: name, asked, before }), about);
      if (toStart && last["state"] !== "STARTED") await start(place, name, last, {}, about);
    },
  };
}

/** What is there is as it was asked for, or stands in the way. */
function unchangeable(
  differences: readonly Difference[],
  partsOf: PartsOf,
  call: Call,
): Pick<PlannedAction, "action" | "changes"> {
  const changes = differences.map((each) => shownChange(each, partsOf, call));
  return { action: changes.length > 0 ? "conflict" : "none", changes };
}
