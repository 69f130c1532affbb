/** `diagnose_stream_processor`: one answer to "why does it not work", with the evidence for it. */
import { z } from "zod/v3";
import { getProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { countersOf } from "../../diagnosis/counters.ts";
import { type CounterReadings, type Evidence, findingsOf, type UsedConnection } from "../../diagnosis/findings.ts";
import { stagesHoldingBack } from "../../diagnosis/holding-back.ts";
import type { OperationalLogs } from "../../diagnosis/operational-logs.ts";
import { isObject, type JsonObject, valueAt } from "../../json.ts";
import { unlisted } from "../../schema/fields.ts";
import { checkPipeline } from "../../stages/check.ts";
import type { Connections } from "../../stages/check-connection.ts";
import { namesOf, usesOf } from "../../stages/connections.ts";
import { isWindow, LOG_SINK } from "../../stages/table.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, someObject, warnings } from "../../tool/result.ts";
import { connectionsOf } from "./definition.ts";
import { logsOf } from "./logs.ts";
import { processor, processorArguments, stateOf } from "./resource.ts";

/** Between two readings of the counters, in milliseconds. */
const BETWEEN_MS = 3_000;

export default defineTool({
  name: "diagnose_stream_processor",
  description:
    "Says why a processor does not work: state, whether messages move, dead letters, connections, errors in the logs.",
  effect: "reads",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      sinceMinutes: z.number().int().min(1).max(10_080).default(60).describe("How far back to read the logs"),
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    processor: unlisted(someObject("name, state, tier, source, sink")),
    counters: unlisted(someObject("before, after, seconds between them")),
    connections: unlisted(entries("name, type, state")),
    logs: unlisted(someObject("lines, errors {message, count, last}, others")),
    findings: entries("severity, what, evidence, next (what to do), since; the likeliest first"),
    warnings,
  },
  async run({ groupId, tenantName, processorName: name, sinceMinutes }, call) {
    const place = { groupId, tenantName };
    const existing = await call.find(getProcessor(place, name));
    const [known, logs, counters] = await Promise.all([
      connectionsOf(place, call),
      call.attempt(logsOf(place, name, sinceMinutes, call)),
      countersTwice(existing, place, name, call),
    ]);
    if (logs instanceof ToolFailure) call.warn(`The operational logs could not be read: ${logs.message}.`);
    else if (logs.truncated)
      call.warn("The logs are longer than what was read; call again with a smaller sinceMinutes.");
    const read = logs instanceof ToolFailure ? {} : { logs };
    const used = usedConnections(existing, known);
    const tier = typeof existing["tier"] === "string" ? existing["tier"] : undefined;
    const hasDlq = valueAt(existing, ["options", "dlq"]) != null;
    const context = { connections: known, mask: call.maskText, hasDlq, tiers: { tier } };
    const stages = stagesOf(existing);
    const view = stagesOf(processor.view(existing));
    const now = call.now();
    const startedAt = read.logs?.startedAt;
    const evidence: Evidence = {
      name,
      state: stateOf(existing),
      ...(tier !== undefined && { tier }),
      ...(counters && { counters }),
      connections: used,
      ...read,
      logsSince: new Date(now - sinceMinutes * 60_000).toISOString(),
      now: new Date(now).toISOString(),
      ...(startedAt !== undefined && { startedAgo: Math.max(0, now - Date.parse(startedAt)) / 1000 }),
      source: valueAt(stages[0], ["$source"]),
      holding: stagesHoldingBack(view),
      canTry: call.settings.toolsets.includes("pipelines"),
      ...windowIn(stages),
      hasDlq,
      way: call.way,
      problems: checkPipeline(existing["pipeline"], ["pipeline"], context).problems,
    };
    const findings = findingsOf(evidence);
    const first = findings[0];
    return {
      outcome: "ok",
      summary: `State ${call.mask(stateOf(existing))}.${first ? ` ${call.maskText(first.what)}.` : ""}`,
      processor: {
        name,
        state: existing["state"],
        ...(tier !== undefined && { tier }),
        source: view[0],
        sink: view.at(-1),
      },
      ...(counters && { counters: { ...counters } }),
      connections: used.map(({ name, type, state }) => ({ name, type, state })),
      ...(read.logs && { logs: logsView(read.logs) }),
      findings: findings.map((finding) => ({ ...finding })),
    };
  },
});

const stagesOf = ({ pipeline }: JsonObject): JsonObject[] => (Array.isArray(pipeline) ? pipeline.filter(isObject) : []);

/** The first window that closes by the time of events. */
function windowIn(stages: readonly JsonObject[]): { window?: string } {
  const windows = stages.flatMap(Object.entries).filter(([name]) => isWindow(name));
  const window = windows.find(([, value]) => valueAt(value, ["boundary"]) !== "processingTime")?.[0];
  return window === undefined ? {} : { window };
}

/** How many lines are shown that are no errors, where there are no errors. */
const NEWEST = 5;

const logsView = ({ others, ...logs }: OperationalLogs): JsonObject => ({
  ...logs,
  ...(logs.errors.length === 0 && others.length > 0 && { others: others.slice(0, NEWEST) }),
});

const ROLES = ["source", "sink", "dlq", "other"] as const;

/** The connections that a processor uses, each once. One that it only may use, and that is not there, is left out. */
function usedConnections(processor: JsonObject, known: Connections | undefined): UsedConnection[] {
  const uses = usesOf(processor);
  // Where the connections could not be read, nothing is claimed.
  const exists = (name: string) => known?.has(name) ?? true;
  const named = [
    ...ROLES.flatMap((role) => namesOf(uses, role).map((name) => ({ name, role }))),
    ...namesOf(uses, "doubtful")
      .filter(exists)
      .map((name) => ({ name, role: "other" as const })),
  ];
  return named
    .filter(({ name }, index) => name !== LOG_SINK && named.findIndex((each) => each.name === name) === index)
    .map((each) => ({ ...each, ...known?.get(each.name), exists: exists(each.name) }));
}

/** The counters of one that runs, now and a few seconds later; of any other they do not move. */
async function countersTwice(
  existing: JsonObject,
  place: WorkspacePlace,
  name: string,
  call: Call,
): Promise<CounterReadings | undefined> {
  const before = countersOf(existing["stats"]);
  if (!before) return undefined;
  if (existing["state"] !== "STARTED") return { before, after: before, seconds: 0 };
  const began = call.now();
  call.progress("Counting messages for a few seconds");
  await call.pause(BETWEEN_MS);
  const latest = await call.attempt(call.find(getProcessor(place, name)));
  if (latest instanceof ToolFailure) {
    call.warn(`The counters could not be read a second time: ${latest.message}.`);
    return undefined;
  }
  const after = countersOf(latest["stats"]);
  const seconds = Math.round((call.now() - began) / 100) / 10;
  return after && { before, after, seconds };
}
