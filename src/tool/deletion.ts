/**
 * What every tool that deletes has: the name to repeat, without which nothing is deleted, and the word on what is not there.
 * And the word that every other tool has on what is being deleted.
 */
import { z } from "zod/v3";
import { AtlasFailure } from "../atlas/failure.ts";
import { isLeaving } from "../atlas/states.ts";
import type { JsonObject } from "../json.ts";
import { InvalidInput } from "../schema/problems.ts";
import type { Call } from "./context.ts";
import { ToolFailure } from "./failure.ts";
import { type Absent, fieldOf } from "./resource.ts";

const again = (what: string) =>
  z.string().optional().describe(`The ${what} again, once a person agreed; not for a dry run`);

export const confirmArgument = again("name");
export const confirmIdArgument = z.string().optional().describe("The id again, once a person agreed");

interface Deletion {
  name: string;
  confirm?: string | undefined;
  dryRun: boolean;
}

/**
 * Does what deletes something. A dry run needs no confirmation; where it finds something to delete, it says to ask first.
 * @throws {InvalidInput} where something is to be deleted and its name is not repeated.
 */
export async function confirmed<Result extends { outcome: string }>(
  { name, confirm, dryRun }: Deletion,
  call: Call,
  run: () => Promise<Result>,
): Promise<Result> {
  if (confirm === name) return run();
  const { noun, hasId } = call.resource;
  const quotedName = JSON.stringify(call.mask(name));
  const word = hasId ? "id" : "name";
  if (!dryRun)
    throw new InvalidInput(
      [{ path: ["confirm"], message: `must repeat the ${noun}'s ${word}, ${quotedName}` }],
      `Ask the person whether to delete the ${noun}, and only then repeat its ${word}; nothing was sent.`,
    );
  const result = await call.attempt(run());
  // An agent must not take the plan, or a name that is near, for leave to delete.
  if (result instanceof ToolFailure || result.outcome !== "not_found")
    call.warn(`Ask the person before the ${noun} ${quotedName} is deleted.`);
  if (result instanceof ToolFailure) throw result;
  return result;
}

interface Aside {
  /** What else to do about it. */
  next?: string;
  /** How Atlas refused what was sent. */
  cause?: AtlasFailure;
}

/** What is being deleted stands in the way for a while; nothing where Atlas says that the name is taken, and finds nothing. */
export class BeingDeleted extends ToolFailure {
  constructor(name: string, existing: JsonObject | "nothing", call: Call, { next = "", cause }: Aside = {}) {
    const { noun, view, hasId } = call.resource;
    const { mask } = call;
    const what = `The ${noun} "${mask(name)}"`;
    const message =
      existing === "nothing"
        ? `The name of the ${noun} "${mask(name)}" is taken, but it cannot be found: it is being deleted, or very new`
        : `${what} is being deleted (state ${mask(String(existing["state"]))})`;
    super(new AtlasFailure("conflict", message, { ...cause?.facts, retryable: true }, { cause }), {
      hint: `Wait a little until ${hasId ? "it is gone" : "its name is free"}, then call again with the same arguments${next}.`,
      ...(existing !== "nothing" && { result: { [fieldOf(call.resource)]: view(existing) } }),
    });
  }
}

/** @throws {BeingDeleted} for something that Atlas is deleting. */
export function refuseLeaving(name: string, existing: JsonObject, call: Call): void {
  if (isLeaving(existing)) throw new BeingDeleted(name, existing, call);
}

/** The result where there is nothing to delete. Of a mistyped name, it would otherwise read as a success. */
export function nothingToDelete({ name, nearest }: Absent, { resource: { noun }, mask, warn }: Call) {
  const quotedName = JSON.stringify(mask(name));
  if (nearest !== undefined)
    warn(
      `There is no ${noun} ${quotedName}; did you mean "${mask(nearest)}"? Ask the person before you delete that one.`,
    );
  return { outcome: "not_found" as const, summary: `There is no ${noun} ${quotedName}; nothing had to be deleted.` };
}
