/** `diagnose_stream_processor`: one answer to "why does it not work", with the evidence for it. */
import { z } from "zod/v3";
import { getProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { type Counters, countersOf } from "../../diagnosis/counters.ts";
import { type Evidence, findingsOf } from "../../diagnosis/findings.ts";
import { type JsonObject, valueAt } from "../../json.ts";
import { unlisted } from "../../schema/fields.ts";
import { checkPipeline } from "../../stages/check.ts";
import { connectionsIn } from "../../stages/connections.ts";
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
    processor: unlisted(someObject("name, state")),
    counters: unlisted(someObject("before, after, seconds between them")),
    connections: unlisted(entries("name, type, state")),
    logs: unlisted(someObject("lines, errors {message, count, last}")),
    findings: entries("severity, what, evidence, next (what to do); the likeliest first"),
    warnings,
  },
  async run({ groupId, tenantName, processorName: name, sinceMinutes }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    const shown = await call.find(find);
    const [known, logs, counters] = await Promise.all([
      connectionsOf(place, call),
      call.attempt(logsOf(place, name, sinceMinutes, call)),
      countersTwice(shown, place, name, call),
    ]);
    if (logs instanceof ToolFailure) call.warn(`The operational logs could not be read: ${logs.message}.`);
    else if (logs.truncated) call.warn("The logs are longer than what was read of them; ask for fewer sinceMinutes.");
    const used = usedConnections(shown).map((each) => ({
      ...each,
      ...known?.get(each.name),
      // Where the connections could not be read, nothing is claimed.
      exists: known?.has(each.name) ?? true,
    }));
    const evidence: Evidence = {
      name,
      state: stateOf(shown),
      ...(typeof shown["tier"] === "string" && { tier: shown["tier"] }),
      ...(counters && { counters }),
      connections: used,
      ...(!(logs instanceof ToolFailure) && { logs }),
      hasDlq: valueAt(shown, ["options", "dlq"]) != null,
      problems: checkPipeline(shown["pipeline"], ["pipeline"], known, call.maskText).problems,
    };
    const findings = findingsOf(evidence);
    const state = call.mask(stateOf(shown));
    const first = findings[0];
    return {
      outcome: "ok",
      summary: `State ${state}.${first ? ` ${call.maskText(first.what)}.` : ""}`,
      processor: { name, state: shown["state"] },
      ...(counters && { counters: { ...counters } }),
      connections: used.map(({ name, type, state }) => ({ name, type, state })),
      ...(!(logs instanceof ToolFailure) && { logs: { ...logs } }),
      findings: findings.map((finding) => ({ ...finding })),
    };
  },
});

type Used = Pick<Evidence["connections"][number], "name" | "role">;

function usedConnections(shown: JsonObject): Used[] {
  const { sources, sinks, others } = connectionsIn(shown["pipeline"]);
  const dlq = valueAt(shown, ["options", "dlq", "connectionName"]);
  const roles = [
    ...sources.map((name) => ({ name, role: "source" as const })),
    ...sinks.map((name) => ({ name, role: "sink" as const })),
    ...(typeof dlq === "string" ? [{ name: dlq, role: "dlq" as const }] : []),
    ...others.map((name) => ({ name, role: "other" as const })),
  ];
  return roles.filter(({ name }, index) => roles.findIndex((each) => each.name === name) === index);
}

/** The counters of one that runs, now and a few seconds later; of any other they do not move. */
async function countersTwice(
  shown: JsonObject,
  place: WorkspacePlace,
  name: string,
  call: Call,
): Promise<{ before: Counters; after: Counters; seconds: number } | undefined> {
  const before = countersOf(shown["stats"]);
  if (!before) return undefined;
  if (shown["state"] !== "STARTED") return { before, after: before, seconds: 0 };
  const began = performance.now();
  call.progress("Counting messages for a few seconds");
  await call.pause(BETWEEN_MS);
  const later = await call.attempt(call.find(getProcessor(place, name)));
  if (later instanceof ToolFailure) {
    call.warn(`The counters could not be read a second time: ${later.message}.`);
    return undefined;
  }
  const after = countersOf(later["stats"]);
  if (!after) return undefined;
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { before, after, seconds };
}
