/**
 * A whole pipeline as a plan: what is to be created or changed, in order, each step with the function that does it. What is
 * there already as it was requested needs nothing, so a plan that was cut short can be made again and goes on.
 */
import {
  type AtlasRequest,
  createConnection,
  getConnection,
  getProcessor,
  getWorkspace,
  startProcessor,
  stopProcessor,
  updateConnection,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { saysMissing } from "../../atlas/failure.ts";
import { connectionStates, isLeaving } from "../../atlas/states.ts";
import { compare } from "../../connections/compare.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import { type Difference, type JsonObject, type Path, withValueAt } from "../../json.ts";
import { type Note, noteLine } from "../../schema/problems.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import { changeView, differenceNote } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { someOf } from "../../tool/words.ts";
import type { RequestedConnection } from "../connections/connection-argument.ts";
import { createConnectionOnce } from "../connections/create.ts";
import { foreseeUse } from "../connections/foresee.ts";
import { connection, readyConnection, secretsNotCompared } from "../connections/resource.ts";
import { changeOf as connectionChange, FIXED, visibleChanges } from "../connections/update.ts";
import { usersIn } from "../connections/users.ts";
import { createProcessorOnce, createRequest as createProcessorRequest, defaultTierFor } from "../processors/create.ts";
import { changesOf, filled, type ProcessorDefinition, type Surroundings } from "../processors/definition.ts";
import { refuseFailed, startUnlessFailed } from "../processors/lifecycle.ts";
import { processor } from "../processors/resource.ts";
import { changeOf, changeProcessor, settledSoon } from "../processors/update.ts";
import {
  createWorkspaceOnce,
  createRequest as createWorkspaceRequest,
  type RequestedWorkspace,
  workspaceDifferences,
} from "../workspaces/create.ts";
import { workspace } from "../workspaces/resource.ts";

export interface PlannedAction {
  action: "create" | "update" | "none" | "conflict";
  /** About the part that it is done to, so that what goes wrong is told in the words of that part. */
  call: Call;
  name: string;
  changes: readonly JsonObject[];
  /** What is done to it: each in two forms, such as `create` and `created`. */
  verbs: readonly (keyof typeof verbs)[];
  /** What stands in its way, by argument. */
  obstacles?: readonly Note[];
  /** The writes that it takes. */
  requests: readonly AtlasRequest[];
  /** Does it, and tells whether there was anything to do; absent where there is nothing to do. */
  run?: () => Promise<"done" | "none">;
  /** Waits until what is there can be used. */
  settle?: () => Promise<unknown>;
  /** A connection whose secrets are still missing. */
  lacking?: RequestedConnection;
  /** What is known to go wrong with it. */
  failure?: ToolFailure;
  /** What a new processor will run on for which no tier is requested. */
  defaultTier?: string;
}

/** What is done to a part of a plan, and what was done to it. */
export const verbs = { create: "created", change: "changed", stop: "stopped", start: "started" } as const;

/** A part as it is and as it is to be. */
interface Part {
  call: Call;
  name: string;
  existing: JsonObject | undefined;
  /** Where the two differ; of a part that is not there, what is done beside creating it. */
  differences: readonly Difference[];
  partsOf: PartsOf;
  /** The writes that bring it from the one to the other. */
  requests: readonly AtlasRequest[];
  create(): Promise<"created" | "already_exists">;
  /** Absent where nothing can change the differences in place. */
  update?: (() => Promise<"done" | "none">) | undefined;
}

/** The step from what is there to what is requested. */
export function actionFor({
  call,
  name,
  existing,
  differences,
  partsOf,
  requests,
  create,
  update,
}: Part): PlannedAction {
  const step = { call, name, changes: differences.map((each) => changeView(each, partsOf, call)), requests };
  if (!existing)
    return {
      ...step,
      action: "create",
      verbs: ["create"],
      run: async () => ((await create()) === "created" ? "done" : "none"),
    };
  if (isLeaving(existing))
    return inTheWay(step, [{ path: call.at, message: "is being deleted; wait until it is gone" }]);
  if (differences.length === 0) return { ...step, action: "none", verbs: [], requests: [] };
  if (update) return { ...step, action: "update", verbs: ["change"], run: update };
  return inTheWay(
    step,
    differences.map((each) => differenceNote(each, partsOf, call)),
  );
}

const inTheWay = (
  { call, name, changes }: Pick<PlannedAction, "call" | "name" | "changes">,
  obstacles: readonly Note[],
): PlannedAction => ({ call, name, changes, action: "conflict", verbs: [], requests: [], obstacles });

/** The step for a workspace, and what is there. Without one requested, there has to be one. */
export async function planWorkspace(
  requested: RequestedWorkspace | undefined,
  place: WorkspacePlace,
  call: Call,
): Promise<{ step?: PlannedAction; existing?: JsonObject }> {
  const about = call.about({ resource: workspace, place: { ...place }, at: ["workspace"] });
  const find = getWorkspace(place);
  if (!requested) {
    const found = await about.attempt(about.find(find));
    if (!(found instanceof ToolFailure)) return { existing: found };
    throw found.with({ next: "To have the plan create it, give `workspace` {cloudProvider, region}." });
  }
  const found = await onceListed(find, about);
  const existing = found instanceof Absent ? undefined : found;
  return {
    ...(existing && { existing }),
    step: actionFor({
      call: about,
      name: place.tenantName,
      existing,
      differences: existing ? workspaceDifferences(requested, existing) : [],
      partsOf: () => [],
      requests: [createWorkspaceRequest(place, requested)],
      create: () =>
        about.inTurn(find, async () => {
          const { outcome } = await createWorkspaceOnce(place, requested, about);
          await untilFound(find, about);
          return outcome;
        }),
    }),
  };
}

/** What `find` shows, or that it does not exist; where Atlas lists it and does not find it yet, it is looked for again. */
async function onceListed(find: AtlasRequest, call: Call): Promise<JsonObject | Absent> {
  const found = await call.attempt(call.unlessAbsent(call.find(find)));
  if (!(found instanceof ToolFailure)) return found;
  if (!found.circumstances.passes) throw found;
  await untilFound(find, call);
  return call.unlessAbsent(call.find(find));
}

/** How often what was just made is looked for; it can be missing for a moment, and with it all that is in it. */
const LOOKS = 10;

async function untilFound(find: AtlasRequest, call: Call): Promise<void> {
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const found = await call.attempt(call.read(find));
    if (!(found instanceof ToolFailure) || !saysMissing(found.failure)) return;
    await call.pause(50 * 1.5 ** looks);
  }
}

/**
 * The step for a connection; `existing` is the one that has its name, and `processors` are those of the workspace. `latest`
 * is what is requested once what comes before it in the plan is done, such as a private link.
 */
export async function planConnection(
  requested: RequestedConnection,
  existing: JsonObject | undefined,
  processors: readonly JsonObject[],
  place: WorkspacePlace,
  call: Call,
  latest: () => RequestedConnection = () => requested,
): Promise<PlannedAction> {
  const { at, reading, partsOf, missing } = requested;
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
  const change = existing && connectionChange(fields, existing, place);
  // What is not named stays, but for another type, of which nothing can stay.
  const differences = !existing
    ? []
    : change && existing["type"] === fields["type"]
      ? visibleChanges(change.requested, existing, place.groupId)
      : compare(fields, existing, place.groupId);
  const isFailed = existing?.["state"] === connectionStates.failed;
  const update =
    existing && change && !differences.some(({ path }) => FIXED.has(path[0] ?? ""))
      ? () =>
          about.inTurn(find, async () => {
            // Another call may have done it meanwhile.
            const before = await about.find(find);
            const { body } = connectionChange(fields, before, place);
            const happened = (latest: JsonObject) => visibleChanges(body, latest, place.groupId).length === 0;
            const isSame = happened(before);
            const isDone = isSame && before["state"] !== connectionStates.failed;
            const request = updateConnection(place, name, body);
            const latest = isDone
              ? before
              : await about.update({ request, find, name, happened, unseen: isSame, partsOf });
            await readyConnection(latest, find, name, about, isDone ? undefined : before);
            return isDone ? ("none" as const) : ("done" as const);
          })
      : undefined;
  const step = actionFor({
    call: about,
    name,
    existing,
    // Of one that failed, what Atlas does not show may be the cause.
    differences: isFailed && change ? change.changes : differences,
    partsOf,
    requests: [change ? updateConnection(place, name, change.body) : createConnection(place, fields)],
    create: () =>
      about.inTurn(find, async () => {
        const { reading: now } = latest();
        if (!now.ok) return "already_exists";
        const request = createConnection(place, now.connection);
        const creation = { request, workspace: place, requested: now.connection, partsOf };
        const { outcome, existing: created } = await createConnectionOnce(creation, about);
        // A processor can only use one that is ready.
        await readyConnection(created, find, name, about);
        return outcome;
      }),
    update,
  });
  const { link } = requested;
  const isOpen = link !== undefined && latest() === requested;
  if (existing && isOpen) {
    const message = `is the private link "${call.mask(link.as)}" of this plan, which is not there yet: the connection goes another way, which cannot be changed in place`;
    return inTheWay({ ...step, changes: [] }, [{ path: [...at, ...link.path], message }]);
  }
  if (existing && step.action === "none") {
    if (reading.ok) for (const unseen of secretsNotCompared(reading.connection, existing, call)) call.warn(unseen);
    if (isFailed) return inTheWay(step, [{ path: at, message: failedWords(call) }]);
    return { ...step, settle: () => readyConnection(existing, find, name, about) };
  }
  const users = usersIn(processors, name).running;
  if (step.action === "update" && users.length > 0) {
    const names = someOf(users.map(call.mask));
    return inTheWay(step, [
      {
        path: at,
        message: `cannot be changed while processors run that use it: ${names}. ${call.way("Change it", "update_stream_connection")} (restartProcessors: true stops them for it, and starts them again)`,
      },
    ]);
  }
  if (call.isDry && step.run) {
    const used = isOpen ? withValueAt(fields, link.path, undefined) : fields;
    const { warnings } = await foreseeUse({ ...existing, ...used }, place, about);
    for (const warning of warnings) call.warn(warning);
  }
  const lacking = missing.filter(({ path }) => !change || (path[0] ?? "") in change.body);
  return { ...step, ...(step.run && lacking.length > 0 && { lacking: { ...requested, missing: lacking } }) };
}

const failedWords = ({ way }: Call) =>
  `is as requested, but FAILED, and no processor can use it. Check its brokers or URL, its login and its network, then correct it here, or ${way("change it", "update_stream_connection")}; a network path is changed by deleting it and creating it again`;

export interface RequestedProcessor extends ProcessorDefinition {
  pipeline: readonly JsonObject[];
  processorName: string;
  start?: boolean | undefined;
}

/** The step for a processor; `existing` is the one that has its name. */
export function planProcessor(
  requested: RequestedProcessor,
  at: Path,
  existing: JsonObject | undefined,
  { connections, workspaceTier }: Surroundings,
  place: WorkspacePlace,
  call: Call,
): PlannedAction {
  const { processorName: name, start: toStart = false } = requested;
  const find = getProcessor(place, name);
  const about = call.about({
    resource: processor,
    place: { ...place, [processor.argument]: name },
    at,
    named: [...at, processor.argument],
  });
  const creation = { place, name, requested: { ...requested, dlq: filled(requested.dlq) }, toStart, connections };
  const changes = existing ? changesOf(requested, existing) : [];
  const state = existing?.["state"];
  const runs = state === "STARTED";
  const starts = toStart && !runs;
  const { request: changing } = changeOf({ place, name, now: name, requested, before: existing ?? {} });
  const requests = [
    ...(runs ? [stopProcessor(place, name)] : []),
    ...(existing ? (changes.length > 0 ? [changing] : []) : [createProcessorRequest(place, name, creation.requested)]),
    ...(runs || starts ? [startProcessor(place, name)] : []),
  ];
  const step = actionFor({
    call: about,
    name,
    existing,
    differences: [...changes, ...(starts ? [{ path: ["state"], requested: "STARTED", existing: state }] : [])],
    partsOf: stageSecretParts,
    requests,
    create: () => about.inTurn(find, async () => (await createProcessorOnce(creation, about)).outcome),
    update: () =>
      about.inTurn(find, async () => {
        // Another call may have done it meanwhile.
        const before = await settledSoon(place, await about.find(find), name, about);
        const isSame = changesOf(requested, before).length === 0;
        const latest = isSame
          ? before
          : await changeProcessor(changeOf({ place, name, now: name, requested, before }), about);
        const isIdle = toStart && latest["state"] !== "STARTED";
        if (isIdle) await startUnlessFailed(place, name, latest, connections, about);
        return isSame && !isIdle ? "none" : "done";
      }),
  });
  if (runs && requested.start === false)
    call.warn(
      noteLine({
        path: [...at, "start"],
        message: `is false, and the processor "${call.mask(name)}" runs. A plan stops nothing: ${call.way("stop it", "stop_stream_processor")}.`,
      }),
    );
  if (!step.run) return step;
  const failure =
    starts || runs
      ? failureOf(() => refuseFailed(name, definitionOf(requested, existing), connections, about))
      : undefined;
  const defaultTier = existing ? undefined : defaultTierFor(requested, workspaceTier);
  return {
    ...step,
    ...(defaultTier !== undefined && { defaultTier }),
    verbs: [
      ...(runs ? (["stop"] as const) : []),
      ...(existing ? (changes.length > 0 ? (["change"] as const) : []) : (["create"] as const)),
      ...(runs || starts ? (["start"] as const) : []),
    ],
    ...(failure && { failure }),
  };
}

const definitionOf = ({ pipeline, dlq }: RequestedProcessor, existing: JsonObject | undefined): JsonObject => ({
  ...existing,
  pipeline,
  ...(dlq && { options: { dlq } }),
});

function failureOf(check: () => void): ToolFailure | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ToolFailure) return error;
    throw error;
  }
}
