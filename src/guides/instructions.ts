/** What an agent is told about the server when it connects. */
import type { Settings, ToolsetName } from "../config/settings.ts";
import { classOf, isNoRule, type KnownTool, type Rule, ruleInWords } from "../policy/rule.ts";

const about = "MongoDB Atlas Stream Processing";

const writing: Readonly<Record<ToolsetName, string>> = {
  connections:
    "create_stream_connection needs the project id (groupId), the workspace (tenantName) and a connection whose fields depend on its type.",
  pipelines: `The order of work: 1. find the project and the workspace, and what is there (list_…); 2. plan workspace, connections and processors with apply_stream_pipeline, show the plan to a person, carry it out;
3. see with diagnose_stream_processor whether messages arrive, and if not, why. A started processor is billed until it is stopped.`,
  network:
    "Private brokers and services are reached over a private link or a VPC peering: get_stream_networking shows what there is, create_private_link makes a link, and once it is DONE a connection uses it.",
};

const always = `Never ask a person for a password in the chat: have them set it in this server's environment and write \${env:NAME}.
Use dryRun first when a person should review the request. Read \`outcome\`; on \`failed\`, error.kind says what went wrong and error.hint what to do next. Repeating a create with the same arguments is safe.`;

const reading = "Read `outcome`; on `failed`, error.kind says what went wrong and error.hint what to do next.";

const onlyReading = `This server is in read-only mode: it has no tool that changes anything, and only a person can change that.
${reading}`;

/** What an agent may do under a rule, told once. */
function underRule(rule: Rule): string {
  if (isNoRule(rule))
    return "The policy of this server has no rule for this caller, so every call is refused as `forbidden`. Tell the person: only who keeps the policy can change that.";
  return `The policy of this server limits what you may do, by its rule "${rule.name}": ${ruleInWords(rule).join("; ")}. All else is refused as \`forbidden\`: do not look for a way round it, but tell the person, since only who keeps the policy can change it.`;
}

/** A rule of the policy, and the tools that are offered under it. */
interface Access {
  rule: Rule;
  offered: readonly KnownTool[];
}

/** The instructions; `note` is a line on anything special about the Atlas that this server is connected to. */
export function instructionsFor(
  { readOnly, toolsets }: Pick<Settings, "readOnly" | "toolsets">,
  note: string | undefined,
  access?: Access,
): string {
  const what = toolsets.includes("pipelines") ? "connections and pipelines" : "connections";
  const isOffered = (line: string) =>
    (line.match(TOOL_NAME) ?? []).every((named) => !access || access.offered.some(({ name }) => name === named));
  const writes = access ? access.offered.some((tool) => classOf(tool) !== "read") : !readOnly;
  const lines = writes
    ? [`Sets up ${what} of ${about}.`, ...toolsets.map((toolset) => writing[toolset]).filter(isOffered), always]
    : [`Shows ${what} of ${about}.`, readOnly ? onlyReading : reading];
  return [...lines, ...(access ? [underRule(access.rule)] : []), ...(note === undefined ? [] : [note])].join("\n");
}

const TOOL_NAME = /\b[a-z]+_[a-z_]+[a-z]\b/g;
