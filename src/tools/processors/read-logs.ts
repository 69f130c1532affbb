/** `read_stream_logs`: what the logs of a workspace say, line by line. */
import { z } from "zod/v3";
import { downloadAuditLogs, downloadOperationalLogs, getProcessor } from "../../atlas/endpoints.ts";
import { isTooLong } from "../../atlas/exchange-failure.ts";
import { readLogEntries } from "../../diagnosis/operational-logs.ts";
import { addressable, unlisted, withTrait } from "../../schema/fields.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { entries, warnings } from "../../tool/result.ts";
import { howMany } from "../../tool/words.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";
import { processor } from "./resource.ts";

const downloads = { operational: downloadOperationalLogs, audit: downloadAuditLogs } as const;

/** Minutes in 30 days, how far back Atlas gives logs where no start is asked for. */
const LONGEST = 30 * 24 * 60;

export default defineTool({
  name: "read_stream_logs",
  description: "Reads a workspace's logs, newest first; diagnose_stream_processor sums them up.",
  effect: "reads",
  resource: workspace,
  input: z
    .object({
      ...workspaceArguments,
      processorName: withTrait(addressable("Only of this one"), { alsoCalled: ["name", "processor"] }).optional(),
      log: z.enum(["operational", "audit"]).default("operational").describe("audit: who did what"),
      sinceMinutes: z.number().int().min(1).max(LONGEST).default(60).describe("How far back"),
      contains: z.string().optional().describe("Part of the message"),
      limit: z.number().int().min(1).max(1_000).default(100).describe("Most entries"),
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    entries: entries("time, level, message, processorName, count"),
    lines: unlisted(z.number().optional()),
    truncated: unlisted(z.boolean().optional()),
    warnings,
  },
  async run({ groupId, tenantName, processorName, log, sinceMinutes, contains, limit }, call) {
    const place = { groupId, tenantName };
    const startDate = Math.floor(call.now() / 1000) - sinceMinutes * 60;
    const answer = await call.attempt(call.read(downloads[log](place, { spName: processorName ?? "", startDate })));
    if (answer instanceof ToolFailure) throw isTooLong(answer.failure) ? answer.with({ hint: READ_LESS }) : answer;
    const { bytes } = answer;
    const read = await readLogEntries(bytes, { mask: call.maskText, contains, limit });
    if (read.isCut) call.warn("The logs are longer than what was read; call again with a smaller sinceMinutes.");
    if (read.lines === 0 && processorName !== undefined) await warnOfAbsent(processorName, place, call);
    const further = read.lines === 0 && sinceMinutes < LONGEST ? "; for older ones give a larger sinceMinutes" : "";
    const found = howMany(read.entries.length, "entry").replace("entrys", "entries");
    const which = contains === undefined ? "" : " that have the text";
    return {
      outcome: "ok",
      summary: `${found}${which} in ${howMany(read.lines, "line")} of the ${log} log of the last ${howMany(sinceMinutes, "minute")}${read.hasMore ? "; there are more: raise limit, or narrow it by contains" : further}.`,
      entries: read.entries.map(({ processorName: name = processorName, ...entry }) => ({
        ...entry,
        ...(name !== undefined && { processorName: call.mask(name) }),
      })),
      lines: read.lines,
      truncated: read.isCut || read.hasMore,
    };
  },
});

const READ_LESS = "Call again with a smaller sinceMinutes, or with one processorName.";

/** Atlas answers with no lines where there is no such processor. */
async function warnOfAbsent(name: string, place: { groupId: string; tenantName: string }, call: Call): Promise<void> {
  const about = call.about({ resource: processor, place: { ...place, [processor.argument]: name }, at: [] });
  const found = await about.attempt(about.unlessAbsent(about.find(getProcessor(place, name))));
  if (!(found instanceof Absent)) return;
  const meant = found.nearest === undefined ? "." : `; did you mean "${call.mask(found.nearest)}"?`;
  call.warn(`There is no processor ${JSON.stringify(call.mask(name))} now${meant}`);
}
