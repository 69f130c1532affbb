/** The stream processors that use a connection: Atlas neither changes nor deletes it while one of them runs. */
import { listProcessors, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../../atlas/failure.ts";
import { runningStates } from "../../atlas/states.ts";
import type { JsonObject } from "../../json.ts";
import { usesOf } from "../../stages/connections.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { IN_USE } from "./resource.ts";

/** Names of processors. */
export interface Users {
  /** Those that use the connection. */
  processors: string[];
  /** Of these, those that run. */
  running: string[];
  /** Those that have its name in a stage of which nobody can know what it means. */
  doubtful: string[];
}

/** The users of a connection, or why they could not be read. */
export async function usersOf(name: string, place: WorkspacePlace, call: Call): Promise<Users | ToolFailure> {
  const listing = await call.attempt(call.list(listProcessors(place)));
  // No workspace, so no processors: what is done to the connection says what is missing.
  if (listing instanceof ToolFailure && !saysMissing(listing.failure)) return listing;
  return usersIn(listing instanceof ToolFailure ? [] : listing.entries, name);
}

/** Those of these processors that use a connection. */
export function usersIn(all: readonly JsonObject[], name: string): Users {
  const roles = (processor: JsonObject) => usesOf(processor).flatMap((use) => (use.name === name ? [use.role] : []));
  const certain = all.filter((processor) => roles(processor).some((role) => role !== "doubtful"));
  const doubtful = all.filter((processor) => !certain.includes(processor) && roles(processor).length > 0);
  const running = certain.filter(({ state }) => runningStates.some((each) => each === state));
  return { processors: processorNames(certain), running: processorNames(running), doubtful: processorNames(doubtful) };
}

const processorNames = (processors: readonly JsonObject[]) => processors.map((processor) => String(processor["name"]));

/** Atlas's refusal of a write while processors run on the connection; `next` is what to do once they are stopped. */
export function inUse(name: string, running: readonly string[], next: string, { mask, way }: Call): ToolFailure {
  const message = `Stream processors run on the connection "${mask(name)}": ${running.map(mask).join(", ")}`;
  return new ToolFailure(new AtlasFailure("conflict", message), {
    hint: `Ask the person; then ${way("stop them", "stop_stream_processor")}${next}.`,
    result: { processors: running },
  });
}

/** A failure of a write, which names the processors where Atlas refused it for them. */
export async function namingUsers(
  failure: ToolFailure,
  name: string,
  place: WorkspacePlace,
  next: string,
  call: Call,
): Promise<ToolFailure> {
  if (failure.failure.facts.errorCode !== IN_USE) return failure;
  const users = await usersOf(name, place, call);
  if (users instanceof ToolFailure || users.running.length === 0) return failure;
  const { message, circumstances } = inUse(name, users.running, next, call);
  return failure.with({ ...circumstances, summary: message });
}
