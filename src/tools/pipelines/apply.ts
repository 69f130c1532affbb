/** `apply_stream_pipeline`: a whole pipeline as one plan, and the same plan carried out step by step. */
import { z } from "zod/v3";
import { listConnections, listProcessors, type PagedList, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import { dotted, type JsonObject } from "../../json.ts";
import { addressable, ownWords, withTrait } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, warnings } from "../../tool/result.ts";
import { howMany } from "../../tool/words.ts";
import { connectionsArgument, type RequestedConnection } from "../connections/connection-argument.ts";
import { askForSecrets } from "../connections/missing-secrets.ts";
import { asKnown, checkDefinitions, keepSecretsOf } from "../processors/definition.ts";
import { processorFields } from "../processors/resource.ts";
import { meantRegion, workspaceFields } from "../workspaces/create.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";
import { type PlannedAction, planConnection, planProcessor, planWorkspace, type RequestedProcessor } from "./plan.ts";

export default defineTool({
  name: "apply_stream_pipeline",
  description:
    "For several parts at once: plans a whole pipeline (workspace, connections, processors) and, with dryRun false, " +
    "carries the plan out. Call it again to go on where it stopped. Deletes nothing.",
  effect: "changes",
  resource: workspace,
  input: z
    .object({
      ...workspaceArguments,
      workspace: withTrait(z.object(workspaceFields).strict(), {
        published: z.object({}).passthrough().optional().describe("As in create_stream_workspace"),
      }).optional(),
      connections: connectionsArgument,
      processors: withTrait(
        z.array(
          z
            .object({
              processorName: addressable("Name of the processor"),
              ...processorFields,
              dlq: processorFields.dlq.optional(),
              start: z.boolean().default(false),
            })
            .strict(),
        ),
        { published: z.array(z.object({}).passthrough()).optional().describe("Each as in create_stream_processor") },
      ).default([]),
      dryRun: z.boolean().default(true).describe("Only plan, which is the default"),
    })
    .strict(),
  outcomes: ["planned", "applied"],
  output: {
    plan: ownWords(entries("action (create, update, none, conflict), kind, name, changes, result")),
    warnings,
  },
  async run({ groupId, tenantName, workspace: requested, connections, processors, dryRun }, call) {
    const steps = await planOf({ place: { groupId, tenantName }, requested, connections, processors }, call);
    await completeSecrets(steps, dryRun, call);
    const conflicts = steps.filter(({ action }) => action === "conflict");
    const todo = howMany(steps.filter(({ run }) => run).length, "step");
    const isDone = steps.every(({ action }) => action === "none");
    const inTheWay = `Already there, and not as requested: ${conflicts.map(partOf).join(", ")}`;
    const plan = steps.map((step) => viewOf(step));
    if (dryRun) {
      const way = conflicts.length > 0 ? `${inTheWay}.` : "Carry it out with dryRun false.";
      return {
        outcome: "planned",
        summary: isDone
          ? "All is as requested; nothing is left to do."
          : `Would take ${todo}; nothing was changed. ${way}`,
        plan,
      };
    }
    if (conflicts.length > 0)
      throw new ToolFailure(new AtlasFailure("conflict", inTheWay), {
        hint: "Nothing was changed. Choose other names, or change what is there with its own tool, then call again.",
        fields: conflicts.flatMap(({ obstacles = [] }) => obstacles),
        result: { plan },
      });
    return {
      outcome: "applied",
      plan: await carryOut(steps, call),
      summary: isDone ? "All was as requested; nothing was sent." : `Carried out ${todo}.`,
    };
  },
});

interface RequestedPipeline {
  place: WorkspacePlace;
  requested: Parameters<typeof planWorkspace>[0];
  connections: readonly RequestedConnection[];
  processors: readonly RequestedProcessor[];
}

async function planOf(
  { place, requested, connections, processors }: RequestedPipeline,
  call: Call,
): Promise<PlannedAction[]> {
  refuseTwice(connections, processors);
  const meant = requested && { ...requested, region: meantRegion(requested, call, ["workspace", "region"]) };
  const { step, exists } = await planWorkspace(meant, place, call);
  const existing = exists ? await byName(listConnections(place), call) : new Map<string, JsonObject>();
  const running = exists ? await byName(listProcessors(place), call) : new Map<string, JsonObject>();
  const usable = new Map<string, ReturnType<typeof asKnown>>();
  for (const [name, each] of existing) usable.set(name, asKnown(each));
  for (const { fields } of connections)
    if (!existing.has(String(fields["name"])))
      usable.set(String(fields["name"]), asKnown({ ...fields, state: "READY" }));
  if (!exists && requested?.sampleConnection) usable.set(SAMPLE_NAME, { type: "Sample", state: "READY" });
  for (const each of processors) keepSecretsOf(each, call);
  const definitions = processors.map((definition, index) => ({
    definition,
    at: ["processors", `${index}`],
    existing: running.get(definition.processorName),
  }));
  checkDefinitions(definitions, { connections: usable }, call);
  return [
    ...(step ? [step] : []),
    ...connections.map((each) => planConnection(each, existing.get(String(each.fields["name"])), place, call)),
    ...definitions.map(({ definition, at }) =>
      planProcessor(definition, at, running.get(definition.processorName), place, call),
    ),
  ];
}

/** @throws {InvalidInput} where two have the same name: one of them would be lost. */
function refuseTwice(connections: RequestedPipeline["connections"], processors: RequestedPipeline["processors"]): void {
  const lists = [
    { at: "connections", field: "name", names: connections.map(({ fields }) => fields["name"]) },
    { at: "processors", field: "processorName", names: processors.map(({ processorName }) => processorName) },
  ];
  const problems = lists.flatMap(({ at, field, names }) =>
    names.flatMap((name, index) =>
      names.indexOf(name) < index
        ? [{ path: [at, `${index}`, field], message: "repeats the name of an earlier one in this list" }]
        : [],
    ),
  );
  if (problems.length > 0) throw new InvalidInput(problems);
}

async function byName(list: PagedList, call: Call): Promise<Map<string, JsonObject>> {
  const { entries } = await call.list(list);
  return new Map(entries.map((entry) => [String(entry["name"]), entry]));
}

/** Has a person asked for secrets that a step lacks; a plan only tells of them. */
async function completeSecrets(steps: readonly PlannedAction[], dryRun: boolean, call: Call): Promise<void> {
  const incomplete = steps.flatMap(({ lacking }) => lacking ?? []);
  if (incomplete.length === 0) return;
  if (!dryRun) throw await askForSecrets(incomplete, false, call);
  for (const { at, missing } of incomplete)
    for (const { path } of missing)
      call.warn(
        `${dotted([...at, ...path])}: is missing; ${call.canAskPerson ? "a person is asked for it when the plan is carried out" : "give it as ${env:NAME}, which a person sets"}.`,
      );
}

/**
 * Does one step after the other; gives the plan as it was carried out.
 * @throws {ToolFailure} at the first step that fails, with the plan as far as it came.
 */
async function carryOut(steps: readonly PlannedAction[], call: Call): Promise<JsonObject[]> {
  const todo = steps.filter(({ run }) => run);
  const results = (failed: number) =>
    steps.map((step) => {
      const index = todo.indexOf(step);
      return viewOf(step, index < 0 ? undefined : index < failed ? "done" : index === failed ? "failed" : "skipped");
    });
  for (const [index, step] of todo.entries()) {
    const count = `Step ${index + 1} of ${todo.length}`;
    const what = `${step.action} ${partOf(step)}`;
    call.progress(`${count}: ${what}`);
    const done = await step.call.attempt(Promise.resolve(step.run?.()));
    if (done instanceof ToolFailure)
      throw done.with({
        during: `${count} failed (${what})`,
        next: "The next call goes on where this one stopped.",
        result: { plan: results(index) },
      });
  }
  return results(todo.length);
}

const partOf = ({ call, name }: PlannedAction) => `the ${call.resource.noun} "${call.mask(name)}"`;

function viewOf({ action, call, name, changes }: PlannedAction, result?: string): JsonObject {
  return { action, kind: call.resource.noun, name: call.mask(name), changes, ...(result !== undefined && { result }) };
}
