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
import { connectionsArgument, type RequestedConnection } from "../connections/connection-argument.ts";
import { askForSecrets } from "../connections/missing-secrets.ts";
import { asKnown, checkDefinitions, keepSecretsOf } from "../processors/definition.ts";
import { processorFields } from "../processors/resource.ts";
import { meantRegion, workspaceFields } from "../workspaces/create.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";
import { type PlannedAction, planConnection, planProcessor, planWorkspace } from "./plan.ts";

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
  async run({ groupId, tenantName, workspace: asked, connections, processors, dryRun }, call) {
    const place = { groupId, tenantName };
    const steps = await planOf({ place, asked, connections, processors }, call);
    await completeSecrets(steps, dryRun, call);
    const conflicts = steps.filter(({ action }) => action === "conflict");
    const todo = steps.filter(({ run }) => run);
    const plan = steps.map((step) => shown(step, call));
    if (dryRun) {
      const stops = conflicts.length > 0 ? ` ${inTheWay(conflicts, call)}.` : "";
      return {
        outcome: "planned",
        summary:
          todo.length + conflicts.length === 0
            ? "All is as asked for; nothing is left to do."
            : `Would take ${todo.length} steps; nothing was changed.${stops} Carry it out with dryRun false.`,
        plan,
      };
    }
    if (conflicts.length > 0)
      throw new ToolFailure(new AtlasFailure("conflict", inTheWay(conflicts, call)), {
        hint: "Nothing was changed. Choose other names, or change what is there with its own tool, then call again.",
        result: { plan },
      });
    await runAll(steps, call);
    return {
      outcome: "applied",
      summary: todo.length === 0 ? "All was as asked for; nothing was sent." : `Carried out ${todo.length} steps.`,
      plan: steps.map((step) => shown(step, call, step.run && "done")),
    };
  },
});

interface RequestedPipeline {
  place: WorkspacePlace;
  asked: Parameters<typeof planWorkspace>[0];
  connections: readonly RequestedConnection[];
  processors: readonly Parameters<typeof planProcessor>[0][];
}

async function planOf(
  { place, asked, connections, processors }: RequestedPipeline,
  call: Call,
): Promise<PlannedAction[]> {
  refuseTwice(connections, processors);
  const meant = asked && { ...asked, region: meantRegion(asked, call, ["workspace", "region"]) };
  const { step, exists } = await planWorkspace(meant, place, call);
  const existing = exists ? await byName(listConnections(place), call) : new Map<string, JsonObject>();
  const running = exists ? await byName(listProcessors(place), call) : new Map<string, JsonObject>();
  const usable = new Map<string, ReturnType<typeof asKnown>>();
  for (const [name, shown] of existing) usable.set(name, asKnown(shown));
  for (const { fields } of connections)
    if (!existing.has(String(fields["name"])))
      usable.set(String(fields["name"]), asKnown({ ...fields, state: "READY" }));
  if (!exists && asked?.sampleConnection) usable.set(SAMPLE_NAME, { type: "Sample", state: "READY" });
  for (const asked of processors) keepSecretsOf(asked, call);
  const definitions = processors.map((definition, index) => ({ definition, at: ["processors", `${index}`] }));
  checkDefinitions(definitions, usable, call);
  return [
    ...(step ? [step] : []),
    ...connections.map((given) => planConnection(given, existing.get(String(given.fields["name"])), place, call)),
    ...processors.map((each) => planProcessor(each, running.get(each.processorName), place, call)),
  ];
}

/** @throws {InvalidInput} where a name is given twice: one of the two would be lost. */
function refuseTwice(connections: RequestedPipeline["connections"], processors: RequestedPipeline["processors"]): void {
  const lists = [
    { at: "connections", field: "name", names: connections.map(({ fields }) => fields["name"]) },
    { at: "processors", field: "processorName", names: processors.map(({ processorName }) => processorName) },
  ];
  const problems = lists.flatMap(({ at, field, names }) =>
    names.flatMap((name, index) =>
      names.indexOf(name) < index
        ? [{ path: [at, `${index}`, field], message: "is the name of an earlier one in this list" }]
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

/** @throws {ToolFailure} at the first step that fails, with the plan as far as it came. */
async function runAll(steps: readonly PlannedAction[], call: Call): Promise<void> {
  const todo = steps.filter(({ run }) => run);
  for (const [index, step] of todo.entries()) {
    const { action, kind, name } = step;
    call.progress(`Step ${index + 1} of ${todo.length}: ${action} the ${kind} ${call.mask(name)}`);
    const done = await call.attempt(Promise.resolve(step.run?.()));
    if (!(done instanceof ToolFailure)) continue;
    const resultOf = (each: PlannedAction) => {
      const at = todo.indexOf(each);
      return at < 0 ? undefined : at < index ? "done" : at === index ? "failed" : "skipped";
    };
    const plan = steps.map((each) => shown(each, call, resultOf(each)));
    throw new ToolFailure(done.failure, {
      ...done.circumstances,
      summary: `Step ${index + 1} of ${todo.length} failed, the ${action} of the ${kind} "${call.mask(name)}": ${done.message}.`,
      hint: `${done.circumstances.hint ?? "Correct what the error names."} Then call again with the same arguments: what is done is not done again.`,
      result: { ...done.circumstances.result, plan },
    });
  }
}

const inTheWay = (conflicts: readonly PlannedAction[], { mask }: Call) =>
  `In the way, since they are there and differ: ${conflicts.map(({ kind, name }) => `the ${kind} "${mask(name)}"`).join(", ")}`;

function shown({ action, kind, name, changes }: PlannedAction, { mask }: Call, result?: string): JsonObject {
  return { action, kind, name: mask(name), changes, ...(result !== undefined && { result }) };
}
