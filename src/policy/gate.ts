/**
 * The rule at the one place where requests leave for Atlas. A read is judged by its place at once; what judges writes,
 * which reads what would be in effect, is loaded by the first of them.
 */
import type { Answer } from "../atlas/answer.ts";
import type { Gate } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Mask } from "../mask.ts";
import type { Judge } from "./judge.ts";
import { refusal, toolRefusal } from "./refusal.ts";
import { type KnownRequest, knownRequest } from "./requests.ts";
import { allowsProject, allowsTool, allowsWorkspace, type GateOptions, isNoRule, type Rule } from "./rule.ts";

/** What judges writes, once the first of them has come. */
let loaded: Promise<typeof import("./judge.ts")> | undefined;

/** The gate of one call, or of what belongs to no call. */
export function ruleGate(rule: Rule, { mask, owes }: GateOptions): Gate {
  let judge: Promise<Judge> | undefined;
  const judging = () => {
    loaded ??= import("./judge.ts");
    judge ??= loaded.then(({ Judge }) => new Judge(rule, mask));
    return judge;
  };
  return {
    pass(request, read) {
      if (owes(request)) return undefined;
      const known = place(request, rule, mask);
      return known.write && judging().then((by) => by.judge(request, known, read));
    },
    async permit(requests, read) {
      const known = requests.map((request) => ({ request, known: place(request, rule, mask) }));
      const by = await judging();
      for (const each of known) await by.permit(each.request, each.known, read);
    },
    seen(request, answer) {
      const lists = request.method === "GET" ? knownRequest(request)?.lists : undefined;
      if (lists === "projects") return withEntries(answer, ({ id }) => allowsProject(rule, String(id)));
      return lists === "workspaces" ? withEntries(answer, ({ name }) => allowsWorkspace(rule, String(name))) : answer;
    },
  };
}

/** What a request is, where the rule allows its place and its tool. @throws {AtlasFailure} `forbidden` */
function place(request: AtlasRequest, rule: Rule, mask: Mask): KnownRequest {
  const known = knownRequest(request);
  if (!known) {
    const what = `${request.method} of a path that this server's policies do not know, or with a name that could be read as another path`;
    throw refusal(rule, `a ${what}`, []);
  }
  const { groupId, tenantName } = known.names;
  if (isNoRule(rule)) throw refusal(rule, "anything", []);
  if (groupId !== undefined && !allowsProject(rule, groupId))
    throw refusal(rule, `the project ${mask(groupId)}`, rule.projects);
  if (tenantName !== undefined && !allowsWorkspace(rule, tenantName))
    throw refusal(rule, `the workspace ${JSON.stringify(mask(tenantName))}`, rule.workspaces ?? []);
  const { write } = known;
  if (write && !allowsTool(rule, write.tool, write.kind)) throw toolRefusal(rule, write.tool);
  return known;
}

/** A list without the entries that a rule hides, and how many those are. */
function withEntries(answer: Answer, isSeen: (entry: JsonObject) => boolean): Answer {
  const { body } = answer;
  const results = isObject(body) ? body["results"] : undefined;
  if (!isObject(body) || !Array.isArray(results)) return answer;
  const left = results.filter((entry) => isObject(entry) && isSeen(entry));
  return { ...answer, text: "", body: { ...body, results: left }, leftOut: results.length - left.length };
}
