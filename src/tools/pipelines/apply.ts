/** `apply_stream_pipeline`: a whole pipeline as one plan, and the same plan carried out step by step. */
import { z } from "zod/v3";
import {
  listConnections,
  listPrivateLinks,
  listProcessors,
  type PagedList,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../../atlas/failure.ts";
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import { dotted, type JsonObject } from "../../json.ts";
import { addressable, ownWords, unlisted, withTrait } from "../../schema/fields.ts";
import { InvalidInput, noteLine } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { fieldOf } from "../../tool/resource.ts";
import { entries, warnings } from "../../tool/result.ts";
import { howMany, sentence, someOf } from "../../tool/words.ts";
import { connectionsArgument, type RequestedConnection } from "../connections/connection-argument.ts";
import { askForSecrets } from "../connections/missing-secrets.ts";
import { asKnown, checkDefinitions, keepSecretsOf, withMasksAsTheyAre } from "../processors/definition.ts";
import { dlqChange, processorFields } from "../processors/resource.ts";
import { doubtsOf, meantRegion, refuseTooLarge, workspaceFields } from "../workspaces/create.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";
import {
  type PlannedAction,
  planConnection,
  planProcessor,
  planWorkspace,
  type RequestedProcessor,
  verbs,
} from "./plan.ts";
import { type LinkIds, type NamedLink, planLinks, privateLinksArgument, withLinkId } from "./plan-links.ts";
import { triedFirst } from "./tried-first.ts";

export default defineTool({
  name: "apply_stream_pipeline",
  description:
    "For several parts at once: plans a whole pipeline (workspace, private links, connections, processors) and, with dryRun false, " +
    "carries the plan out. Call it again to go on where it stopped. Deletes nothing.",
  effect: "changes",
  resource: workspace,
  input: z
    .object({
      ...workspaceArguments,
      workspace: withTrait(z.object(workspaceFields).strict(), {
        published: z.object({}).passthrough().optional().describe("As in create_stream_workspace"),
      }).optional(),
      privateLinks: privateLinksArgument,
      connections: connectionsArgument,
      processors: withTrait(
        z.array(
          z
            .object({
              processorName: addressable("Name of the processor"),
              ...processorFields,
              dlq: dlqChange.optional(),
              start: z.boolean().optional(),
              resumeFromCheckpoint: z.boolean().optional(),
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
    privateLinks: unlisted(entries("name, connectionId, state")),
    connections: unlisted(entries("name, state")),
    processors: unlisted(entries("name, state")),
    warnings,
  },
  async run({ groupId, tenantName, workspace: requested, privateLinks, connections, processors, dryRun }, call) {
    const place = { groupId, tenantName };
    const ids: LinkIds = new Map();
    const steps = await planOf({ place, requested, privateLinks, ids, connections, processors }, call);
    await refuseForbidden(steps);
    const isIncomplete = await completeSecrets(steps, dryRun, call);
    const conflicts = steps.filter(({ action }) => action === "conflict");
    const plan = steps.map((step) => viewOf(step));
    const failure = steps.find((step) => step.failure)?.failure;
    if (dryRun) {
      for (const { path, message } of conflicts.flatMap(({ obstacles = [] }) => obstacles))
        call.warn(noteLine({ path, message }));
      if (conflicts.length > 0) call.warn(OUT_OF_THE_WAY);
      else if (failure) call.warn(sentence(failure.message));
      return {
        outcome: "planned",
        summary: plannedSummary(steps, conflicts, call),
        plan,
        wouldBe:
          conflicts.length > 0 ? "conflict" : isIncomplete ? "invalid_input" : (failure?.failure.kind ?? "applied"),
      };
    }
    if (conflicts.length > 0)
      throw new ToolFailure(new AtlasFailure("conflict", inTheWay(conflicts)), {
        hint: `Nothing was changed. ${OUT_OF_THE_WAY}`,
        fields: conflicts.flatMap(({ obstacles = [] }) => obstacles),
        result: { plan },
      });
    // What runs is not stopped for a change after which it could not run.
    const unsafe = steps.find((step) => step.failure && step.verbs.includes("stop"))?.failure;
    if (unsafe) throw unsafe.with({ result: { plan } });
    const done = await carryOut(steps, call);
    return {
      outcome: "applied",
      summary: appliedSummary(done),
      plan: done.map(({ step, result }) => viewOf(step, result)),
      ...(await statesOf(steps, ids, place, call)),
    };
  },
});

/** @throws {ToolFailure} where the policy does not allow all of the plan. */
async function refuseForbidden(steps: readonly PlannedAction[]): Promise<void> {
  for (const step of steps) {
    const refused = await step.call.attempt(step.call.permit(step.requests));
    if (!(refused instanceof ToolFailure)) continue;
    throw refused.with({
      during: `The plan cannot be carried out (${series(step.verbs)} ${partOf(step)})`,
      result: { plan: steps.map((each) => viewOf(each)) },
    });
  }
}

const OUT_OF_THE_WAY =
  "Choose other names, or change or delete what is in the way with its own tool, once the person agrees; then call again.";

/** What is there and differs, and what else keeps the plan from being carried out. */
function inTheWay(conflicts: readonly PlannedAction[]): string {
  const named = (some: readonly PlannedAction[]) => someOf(some.map(partOf));
  const differing = conflicts.filter(({ changes }) => changes.length > 0);
  const others = conflicts.filter(({ changes }) => changes.length === 0);
  return [
    ...(differing.length > 0 ? [`Already there, and not as requested: ${named(differing)}`] : []),
    ...(others.length > 0 ? [`In the way: ${named(others)}`] : []),
  ].join(". ");
}

function plannedSummary(
  steps: readonly PlannedAction[],
  conflicts: readonly PlannedAction[],
  call: Pick<Call, "way">,
): string {
  const todo = steps.filter(({ run }) => run);
  if (todo.length + conflicts.length === 0) return "All is as requested; nothing is left to do.";
  const what = todo.map((step) => `${series(step.verbs)} ${partOf(step)}`);
  const onDefaults = todo.flatMap((step) =>
    step.defaultTier ? [`${partOf(step)} will run on ${step.defaultTier}`] : [],
  );
  const tiers = onDefaults.length > 0 ? ` Given no tier, ${someOf(onDefaults)}.` : "";
  const bills = todo.some(({ verbs }) => verbs.includes("start")) ? " Billing runs once a processor is started." : "";
  const first = todo.some((step) => step.call.resource.noun === "processor") ? triedFirst(call) : "";
  const way = conflicts.length > 0 ? `${inTheWay(conflicts)}.` : `Carry it out with dryRun false.${first}`;
  const would = `Would take ${howMany(todo.length, "step")}${what.length > 0 ? `: ${someOf(what)}` : ""}.`;
  return `${would}${tiers}${bills} Nothing was changed. ${way}`;
}

function appliedSummary(ended: readonly Ended[]): string {
  const done = ended.filter(({ result }) => result === "done").map(({ step }) => step);
  if (done.length === 0) return "All was as requested; nothing was sent.";
  const what = done.map((step) => `${series(step.verbs.map((verb) => verbs[verb]))} ${partOf(step)}`);
  const bills = done.some((step) => step.verbs.includes("start"))
    ? " Billing runs until what was started is stopped."
    : "";
  return `Carried out ${howMany(done.length, "step")}: ${someOf(what)}.${bills}`;
}

const series = (words: readonly string[]) => words.join(", ").replace(/, (?=[^,]*$)/, " and ");

interface RequestedPipeline {
  place: WorkspacePlace;
  requested: Parameters<typeof planWorkspace>[0];
  privateLinks: readonly NamedLink[];
  ids: LinkIds;
  connections: readonly RequestedConnection[];
  processors: readonly RequestedProcessor[];
}

async function planOf(
  { place, requested, privateLinks, ids, connections, processors }: RequestedPipeline,
  call: Call,
): Promise<PlannedAction[]> {
  refuseTwice(connections, processors);
  const meant = requested && { ...requested, region: meantRegion(requested, call, ["workspace", "region"]) };
  if (meant) refuseTooLarge(meant, ["workspace"]);
  const { step, existing } = await planWorkspace(meant, place, call);
  const [found, running] = existing
    ? await Promise.all([byName(listConnections(place), call), byName(listProcessors(place), call)])
    : [new Map<string, JsonObject>(), new Map<string, JsonObject>()];
  const linked = await planLinks(privateLinks, place.groupId, ids, call);
  const planned: PlannedAction[] = [];
  const usable = new Map([...found].map(([name, each]) => [name, asKnown(each)] as const));
  if (!existing && requested?.sampleConnection) usable.set(SAMPLE_NAME, { type: "Sample", state: "READY" });
  for (const each of connections) {
    const name = String(each.fields["name"]);
    const now = withLinkId(each, ids);
    const latest = () => withLinkId(now, ids);
    const action = await planConnection(now, found.get(name), [...running.values()], place, call, latest);
    planned.push(action);
    // By the time that a processor uses it, this has been done.
    if (action.run) usable.set(name, asKnown({ type: found.get(name)?.["type"], ...each.fields, state: "READY" }));
  }
  if (meant && existing) {
    const all = [...found.values(), ...connections.map(({ fields }) => fields)];
    const { hidden, noSample } = doubtsOf(meant, existing, all, call);
    for (const warning of [...hidden, ...noSample]) call.warn(warning);
  }
  const definitions = processors.map((each, index) => {
    const existing = running.get(each.processorName);
    const definition = existing ? withMasksAsTheyAre(each, existing, call) : each;
    for (const version of [each, definition]) keepSecretsOf(version, call);
    const starts = each.start === true || existing?.["state"] === "STARTED";
    return { definition, at: ["processors", `${index}`], existing, starts };
  });
  const { tier, maxTier } = existing ? workspace.view(existing) : { ...meant };
  const surroundings = {
    connections: usable,
    isWhole: true,
    ...(typeof tier === "string" && { workspaceTier: tier }),
    ...(typeof maxTier === "string" && { maxTier }),
  };
  checkDefinitions(definitions, surroundings, call);
  return [
    ...(step ? [step] : []),
    ...linked,
    ...planned,
    ...definitions.map(({ definition, at, existing }) =>
      planProcessor(definition, at, existing, surroundings, place, call),
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

/** Has a person asked for secrets that a step lacks; a plan only tells of them, and that nobody can be asked. */
async function completeSecrets(steps: readonly PlannedAction[], dryRun: boolean, call: Call): Promise<boolean> {
  const incomplete = steps.flatMap(({ lacking }) => lacking ?? []);
  if (incomplete.length === 0) return false;
  if (!dryRun) throw await askForSecrets(incomplete, false, call);
  for (const { at, missing } of incomplete)
    for (const { path } of missing)
      call.warn(
        `${dotted([...at, ...path])}: is missing; ${call.canAskPerson ? "a person is asked for it when the plan is carried out" : "give it as ${env:NAME}, which a person sets"}.`,
      );
  return !call.canAskPerson;
}

/** A step as it was carried out. */
interface Ended {
  step: PlannedAction;
  result?: "done" | "failed" | "skipped";
}

/**
 * Does one step after the other.
 * @throws {ToolFailure} at the first step that fails, with the plan as far as it came.
 */
async function carryOut(steps: readonly PlannedAction[], call: Call): Promise<Ended[]> {
  const todo = steps.filter(({ run }) => run);
  const ended: Ended[] = [];
  let isFresh = false;
  for (const step of steps) {
    const index = todo.indexOf(step);
    const count = `Step ${index + 1} of ${todo.length}`;
    const what = `${series(step.verbs)} ${partOf(step)}`;
    if (index >= 0) call.progress(`${count}: ${what}`, { done: index, total: todo.length });
    const done = await patiently(step, isFresh);
    if (done instanceof ToolFailure) {
      const rest = steps
        .slice(ended.length + 1)
        .map((each): Ended => ({ step: each, ...(each.run && { result: "skipped" }) }));
      throw done.with({
        during: index < 0 ? `The wait for ${partOf(step)} failed` : `${count} failed (${what})`,
        next: "The next call goes on where this one stopped.",
        result: {
          plan: [...ended, { step, result: "failed" as const }, ...rest].map((each) => viewOf(each.step, each.result)),
        },
      });
    }
    isFresh ||= step.action === "create";
    // What another call has done meanwhile is not claimed.
    ended.push(done === "done" ? { step, result: "done" } : { step: { ...step, action: "none" } });
  }
  return ended;
}

/** How long what was just made may be missing, in milliseconds, and the longest pause between two looks. */
const FRESH_MS = 20_000;
const LONGEST_PAUSE_MS = 2_000;

/** Does a step, again where what is missing may have been made a moment ago, by this call or by another. */
async function patiently(
  { call, run, settle, action }: PlannedAction,
  isFresh: boolean,
): Promise<"done" | "none" | ToolFailure> {
  const until = call.now() + FRESH_MS;
  for (let pause = 100; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const done = await call.attempt(run?.() ?? Promise.resolve(settle?.()).then(() => "none" as const));
    if (!(done instanceof ToolFailure) || call.now() + pause > until) return done;
    const { kind, facts } = done.failure;
    const isMissing =
      saysMissing(done.failure) || (kind === "bad_request" && /does not exist|not found/i.test(facts.detail ?? ""));
    const isTaken = kind === "conflict" && facts.retryable === true && action === "create";
    if (!(isFresh && isMissing) && !isTaken) return done;
    await call.pause(pause);
  }
}

/** The states of the private links, the connections and the processors of a plan, as far as they can be read. */
async function statesOf(steps: readonly PlannedAction[], ids: LinkIds, place: WorkspacePlace, call: Call) {
  const states = async (noun: string, list: PagedList) => {
    const names = steps.filter((step) => step.call.resource.noun === noun).map(({ name }) => name);
    const found = names.length > 0 ? await call.attempt(byName(list, call)) : undefined;
    if (!found || found instanceof ToolFailure) return [];
    return names.map((name) => ({ name: call.mask(name), state: found.get(name)?.["state"] }));
  };
  const [links, connections, processors] = await Promise.all([
    ids.size > 0 ? call.attempt(call.list(listPrivateLinks(place.groupId))) : undefined,
    states("connection", listConnections(place)),
    states("processor", listProcessors(place)),
  ]);
  const listed = links && !(links instanceof ToolFailure) ? links.entries : [];
  const privateLinks = [...ids].map(([as, id]) => ({
    name: call.mask(as),
    connectionId: id,
    state: listed.find(({ _id }) => _id === id)?.["state"],
  }));
  return { ...(privateLinks.length > 0 && { privateLinks }), connections, processors };
}

const partOf = ({ call, name }: PlannedAction) => `the ${call.resource.noun} "${call.mask(name)}"`;

function viewOf({ action, call, name, changes }: PlannedAction, result?: string): JsonObject {
  return {
    action,
    kind: fieldOf(call.resource),
    name: call.mask(name),
    changes,
    ...(result !== undefined && { result }),
  };
}
