/**
 * A whole pipeline as a plan: what is to be created or changed, in order, each step with the function that does it. What is
 * there already as it was requested needs nothing, so a plan that was cut short can be made again and goes on.
 */
import {
  createConnection,
  getConnection,
  getWorkspace,
  updateConnection,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { compare } from "../../connections/compare.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import type { Difference, JsonObject, Path } from "../../json.ts";
import { type Note, noteLine } from "../../schema/problems.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import { changeView, differenceNote } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { Absent } from "../../tool/resource.ts";
import type { RequestedConnection } from "../connections/connection-argument.ts";
import { createConnectionOnce } from "../connections/create.ts";
import { connection, readyConnection, secretsNotCompared } from "../connections/resource.ts";
import { FIXED, visibleChanges } from "../connections/update.ts";
import { createProcessorOnce } from "../processors/create.ts";
import { changesOf, type ProcessorDefinition } from "../processors/definition.ts";
import { start } from "../processors/lifecycle.ts";
import { processor } from "../processors/resource.ts";
import { changeOf, changeProcessor, settledSoon } from "../processors/update.ts";
import { createWorkspaceOnce, type RequestedWorkspace, workspaceDifferences } from "../workspaces/create.ts";
import { workspace } from "../workspaces/resource.ts";

export interface PlannedAction {
  action: "create" | "update" | "none" | "conflict";
  /** About the part that it is done to, so that what goes wrong is told in the words of that part. */
  call: Call;
  name: string;
  changes: readonly JsonObject[];
  /** What stands in its way, by argument. */
  obstacles?: readonly Note[];
  /** Does it; absent where there is nothing to do. */
  run?: () => Promise<unknown>;
  /** A connection whose secrets are still missing. */
  lacking?: RequestedConnection;
}

/** A part as it is and as it is to be. */
interface Part {
  call: Call;
  name: string;
  existing: JsonObject | undefined;
  /** Where the two differ; of a part that is not there, what is done beside creating it. */
  differences: readonly Difference[];
  partsOf: PartsOf;
  create(): Promise<unknown>;
  /** Absent where nothing can change the differences in place. */
  update?: (() => Promise<unknown>) | undefined;
}

function actionFor({ call, name, existing, differences, partsOf, create, update }: Part): PlannedAction {
  const step = { call, name, changes: differences.map((each) => changeView(each, partsOf, call)) };
  if (!existing) return { ...step, action: "create", run: create };
  if (differences.length === 0) return { ...step, action: "none" };
  if (update) return { ...step, action: "update", run: update };
  return { ...step, action: "conflict", obstacles: differences.map((each) => differenceNote(each, partsOf, call)) };
}

/** The step for a workspace, and whether it is there. Without one requested, there has to be one. */
export async function planWorkspace(
  requested: RequestedWorkspace | undefined,
  place: WorkspacePlace,
  call: Call,
): Promise<{ step?: PlannedAction; exists: boolean }> {
  const about = call.about({ resource: workspace, place: { ...place }, at: ["workspace"] });
  const read = about.find(getWorkspace(place));
  if (!requested) {
    await read;
    return { exists: true };
  }
  const found = await about.unlessAbsent(read);
  const existing = found instanceof Absent ? undefined : found;
  return {
    exists: existing !== undefined,
    step: actionFor({
      call: about,
      name: place.tenantName,
      existing,
      differences: existing ? workspaceDifferences(requested, existing) : [],
      partsOf: () => [],
      create: () => createWorkspaceOnce(place, requested, about),
    }),
  };
}

/** The step for a connection; `existing` is the one that has its name. */
export function planConnection(
  requested: RequestedConnection,
  existing: JsonObject | undefined,
  place: WorkspacePlace,
  call: Call,
): PlannedAction {
  const { at, reading, partsOf } = requested;
  const fields: JsonObject = reading.ok ? reading.connection : requested.fields;
  const name = String(fields["name"]);
  const find = getConnection(place, name);
  const about = call.about({
    resource: connection,
    place: { ...place, [connection.argument]: name },
    at,
    named: [...at, "name"],
  });
  for (const note of [...requested.changes, ...requested.warnings]) call.warn(noteLine(note));
  const differences = existing ? compare(fields, existing, place.groupId) : [];
  const step = actionFor({
    call: about,
    name,
    existing,
    differences,
    partsOf,
    create: async () => {
      if (!reading.ok) return;
      const request = createConnection(place, reading.connection);
      const creation = { request, workspace: place, requested: reading.connection, partsOf };
      const { existing: created } = await createConnectionOnce(creation, about);
      // A processor can only use one that is ready.
      await readyConnection(created, find, name, about);
    },
    update:
      existing && canChange(differences, visibleChanges(fields, existing, place.groupId))
        ? async () => {
            if (!reading.ok) return;
            const request = updateConnection(place, name, reading.connection);
            const happened = (latest: JsonObject) => visibleChanges(fields, latest, place.groupId).length === 0;
            const latest = await about.update({ request, find, name, happened, unseen: false });
            await readyConnection(latest, find, name, about, existing);
          }
        : undefined,
  });
  if (step.action === "none" && reading.ok && existing)
    for (const unseen of secretsNotCompared(reading.connection, existing)) call.warn(unseen);
  return { ...step, ...(step.run && requested.missing.length > 0 && { lacking: requested }) };
}

/** Whether an update can change all the differences: those that it names, but for what Atlas never changes in place. */
const canChange = (differences: readonly Difference[], visible: readonly Difference[]) =>
  visible.length === differences.length && !visible.some(({ path }) => FIXED.has(path[0] ?? ""));

export interface RequestedProcessor extends ProcessorDefinition {
  pipeline: readonly JsonObject[];
  processorName: string;
  start: boolean;
}

/** The step for a processor; `existing` is the one that has its name. */
export function planProcessor(
  requested: RequestedProcessor,
  at: Path,
  existing: JsonObject | undefined,
  place: WorkspacePlace,
  call: Call,
): PlannedAction {
  const { processorName: name, start: toStart } = requested;
  const about = call.about({
    resource: processor,
    place: { ...place, [processor.argument]: name },
    at,
    named: [...at, processor.argument],
  });
  const changes = existing ? changesOf(requested, existing) : [];
  const state = existing?.["state"];
  const starts = toStart && state !== "STARTED" ? [{ path: ["state"], requested: "STARTED", existing: state }] : [];
  return actionFor({
    call: about,
    name,
    existing,
    differences: [...changes, ...starts],
    partsOf: stageSecretParts,
    create: () => createProcessorOnce({ place, name, requested, toStart, connections: undefined }, about),
    update: async () => {
      const before = await settledSoon(place, existing ?? {}, name, about);
      const change = changeOf({ place, name, now: name, requested, before });
      const latest = changes.length === 0 ? before : await changeProcessor(change, about);
      if (toStart && latest["state"] !== "STARTED") await start(place, name, latest, {}, about);
    },
  });
}
