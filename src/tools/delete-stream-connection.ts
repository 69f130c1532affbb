/** `delete_stream_connection`: removes a connection whose name was repeated. */
import { z } from "zod/v3";
import { deleteConnection, getConnection, listProcessors, type Workspace } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { writeOnce } from "../atlas/write-once.ts";
import { valueAt } from "../connections/paths.ts";
import { reportAbandoned } from "./abandoned.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { connectionName, dryRun, workspaceShape } from "./arguments/workspace.ts";
import { failedAt } from "./failed-at.ts";
import { InvalidInput } from "./invalid-input.ts";
import { missingPlace } from "./missing-place.ts";
import { plannedRequest } from "./planned-request.ts";
import { anyError, type Result } from "./result.ts";
import type { CallContext, Services, Tool } from "./tool.ts";

const input = z
  .object({
    ...workspaceShape,
    connectionName,
    confirm: z.string().describe("The connection's name once more"),
    dryRun,
  })
  .strict();

const output = z
  .object({
    outcome: z.enum(["deleted", "not_found", "planned", "failed"]).describe("What happened"),
    summary: z.string().describe("For a person"),
    processors: z.array(z.string()).optional().describe("Stream processors that use it"),
    warnings: z.array(z.string()).optional().describe("To pass on"),
    error: anyError,
  })
  .passthrough();

export const deleteStreamConnection: Tool = {
  name: "delete_stream_connection",
  title: "Delete a stream connection",
  description: "Deletes a connection. Ask a person first; deleting one that is gone already is not an error.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async call(args, services, context) {
    const { confirm, connectionName: name, dryRun, ...place } = await checkArguments(input, args, services, context);
    if (confirm !== name)
      throw new InvalidInput(
        [{ path: "confirm", message: `must repeat the connection's name, ${JSON.stringify(name)}` }],
        "Ask the person whether the connection is to be deleted, and only then repeat its name; nothing was sent.",
      );
    const warnings: string[] = [];
    const processors = await processorsUsing(name, place, services, context);
    if (processors instanceof AtlasFailure)
      warnings.push(`Which stream processors use it could not be read: ${processors.message}.`);
    else if (processors.length > 0) warnings.push(`Stream processors that use it: ${processors.join(", ")}.`);
    const known = processors instanceof AtlasFailure ? {} : { processors };
    const about = { project: { ...place }, ...known, warnings };
    try {
      if (dryRun) {
        await services.atlas.read(getConnection(place, name), context.signal);
        const request = plannedRequest(deleteConnection(place, name), new Set(), services.settings);
        return {
          outcome: "planned",
          summary: `Would delete the connection "${name}"; nothing was sent.`,
          ...about,
          request,
        };
      }
      const report = rising(context);
      await remove(name, place, services, context, report);
      const gone = await waitUntilGone(name, place, services, context, report);
      if (!gone) warnings.push("Atlas has accepted the deletion and is still carrying it out (state DELETING).");
      return { outcome: "deleted", summary: `Deleted the connection "${name}".`, ...about };
    } catch (error) {
      if (!(error instanceof AtlasFailure)) throw error;
      return (
        (await alreadyGone(error, name, place, services, context)) ??
        failedAt({ ...place, connectionName: name }, error, services, context, warnings)
      );
    }
  },
};

/** How long a connection that is still being deployed or deleted is waited for, in milliseconds. */
const PATIENCE_MS = 45_000;
const POLL_MS = 1_000;

type Report = (message: string) => void;

/** Tells the client how far the call is, whichever part of it reports. */
function rising({ progress }: CallContext): Report {
  let reports = 0;
  return (message) => progress?.({ progress: ++reports, message });
}

/** Deletes, as soon as Atlas is done deploying the connection. */
async function remove(
  name: string,
  place: Workspace,
  services: Services,
  context: CallContext,
  report: Report,
): Promise<void> {
  const { atlas, settings } = services;
  const until = atlas.clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      await writeOnce(
        atlas,
        {
          request: deleteConnection(place, name),
          find: getConnection(place, name),
          happened: (seen) => seen === "nothing" || seen["state"] === "DELETING",
        },
        { signal: context.signal, checkMs: settings.checkMs, onAbandoned: reportAbandoned("delete", name, services) },
      );
      return;
    } catch (error) {
      const deploying =
        error instanceof AtlasFailure && error.facts.errorCode === "STREAM_KAFKA_CONNECTION_IS_DEPLOYING";
      if (!deploying || atlas.clock.now() >= until) throw error;
      report("Waiting until the connection is deployed");
      await atlas.clock.sleep(POLL_MS, context.signal);
    }
  }
}

/** Whether the connection is gone within the time there is. A poll that fails proves nothing, so it counts as a no. */
async function waitUntilGone(
  name: string,
  place: Workspace,
  { atlas }: Services,
  context: CallContext,
  report: Report,
): Promise<boolean> {
  const until = atlas.clock.now() + PATIENCE_MS;
  while (atlas.clock.now() < until) {
    try {
      const limits = { signal: context.signal, timeoutMs: atlas.timeoutMs };
      const { body } = await atlas.attempt(getConnection(place, name), limits);
      report(`State ${String(valueAt(body, "state") ?? "unknown")}`);
    } catch (error) {
      if (context.signal.aborted) return false;
      if (error instanceof AtlasFailure && saysMissing(error)) return true;
    }
    await atlas.clock.sleep(POLL_MS, context.signal).catch(() => {});
  }
  return false;
}

/** The result where Atlas has no such connection, though it has the workspace. */
async function alreadyGone(
  error: AtlasFailure,
  name: string,
  place: Workspace,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<Result | undefined> {
  if (error.kind !== "not_found") return undefined;
  const { fields } = await missingPlace(error, { ...place, connectionName: name }, atlas, signal);
  if (!fields?.some(({ path }) => path === "connectionName")) return undefined;
  return {
    outcome: "not_found",
    summary: `There is no connection "${name}"; nothing had to be deleted.`,
    project: { ...place },
    // Of a name that was mistyped, this would else read as a success.
    warnings: fields.map(({ message }) => message).filter((message) => message.includes("did you mean")),
  };
}

/** Names of the processors in whose pipeline or dead letter queue the connection stands, or why they are not known. */
async function processorsUsing(
  name: string,
  place: Workspace,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<string[] | AtlasFailure> {
  const mention = `"connectionName":${JSON.stringify(name)}`;
  try {
    const { entries } = await readPages(atlas, listProcessors(place), signal);
    return entries
      .filter(({ pipeline, options }) => JSON.stringify([pipeline, options]).includes(mention))
      .map((processor) => String(processor["name"]));
  } catch (error) {
    if (error instanceof AtlasFailure && error.kind !== "cancelled") return saysMissing(error) ? [] : error;
    throw error;
  }
}
