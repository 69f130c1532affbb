/** The arguments of a call, checked before anything is sent. */
import type { z } from "zod/v3";
import { listProjects } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { readPages } from "../../atlas/pages.ts";
import { check, type Problem } from "../../connections/problems.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { InvalidInput } from "../invalid-input.ts";
import type { CallContext, Services } from "../tool.ts";
import { defaultsFor } from "./workspace.ts";

/**
 * The arguments as `input` reads them. `more` are problems found elsewhere, told together with what is found here;
 * `known` is where a misplaced argument may belong, if not in `input`.
 * @throws {InvalidInput} with everything that is wrong.
 */
export async function checkArguments<Input extends z.AnyZodObject>(
  input: Input,
  args: unknown,
  services: Services,
  { signal }: CallContext,
  { more = [], known = input }: { more?: readonly Problem[]; known?: z.AnyZodObject } = {},
): Promise<z.output<Input>> {
  const given = { ...defaultsFor(input, services.settings), ...(isObject(args) ? args : {}) };
  const checked = check(input, given, [], known);
  if (checked.ok && more.length === 0) return checked.value;
  const problems = [...(checked.ok ? [] : await projectByName(checked.problems, given, services, signal)), ...more];
  throw new InvalidInput(problems);
}

/** The problems, where `groupId` is the name of one project with that project's id: people know the name, not the id. */
async function projectByName(
  problems: Problem[],
  given: JsonObject,
  { atlas }: Services,
  signal: AbortSignal,
): Promise<Problem[]> {
  const { groupId } = given;
  if (typeof groupId !== "string" || !problems.some(({ path }) => path === "groupId")) return problems;
  const named = await projectsCalled(groupId, atlas, signal);
  const [project] = named;
  if (named.length !== 1 || !project) return problems;
  const message = `must be the project's id, not its name: the id of "${String(project["name"])}" is ${String(project["id"])}`;
  return problems.map((problem) => (problem.path === "groupId" ? { ...problem, message } : problem));
}

async function projectsCalled(name: string, atlas: Services["atlas"], signal: AbortSignal): Promise<JsonObject[]> {
  try {
    const { entries } = await readPages(atlas, listProjects, signal);
    return entries.filter((entry) => entry["name"] === name);
  } catch (error) {
    // The refusal stands without the name's help.
    if (error instanceof AtlasFailure && error.kind !== "cancelled") return [];
    throw error;
  }
}
