/** `--check`: tests the credentials and shows what they can see and what is missing. */
import { unwrapped } from "../atlas/atlas.ts";
import { listProjects, listWorkspaces } from "../atlas/endpoints.ts";
import { AtlasFailure, type FailureKind } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { isNoRule, type Rule, ruleInWords } from "../policy/rule.ts";
import type { Services } from "../services.ts";
import { failed, ToolFailure } from "../tool/failure.ts";
import { withEveryTool } from "../tool/words.ts";
import { offeredTools } from "../tools/available.ts";
import { workspace } from "../tools/workspaces/resource.ts";

/** How many projects are looked into. */
const MAX_PROJECTS = 20;

/** @returns the exit code: 0 if the workspaces of at least one project can be read, else 1 */
export async function check(
  { atlas, settings, redactor, rule, audit }: Services,
  say: (line: string) => void,
): Promise<number> {
  const { signal } = new AbortController();
  const explain = (failure: AtlasFailure) => {
    const hint = forPerson(failure);
    const told = new ToolFailure(failure, hint === undefined ? {} : { hint });
    const { summary, error } = failed(told, { resource: workspace, place: {}, at: [] }, withEveryTool);
    say(`  ${summary}`);
    say(`  ${error.hint}`);
  };
  say(`Atlas: ${settings.baseUrl}`);
  say(`Credentials: ${describeCredentials(settings)}`);
  if (rule) sayRule(rule, settings, say);
  if (audit) say(`Audit: ${settings.audit === "-" ? "stderr" : settings.audit}`);
  try {
    const { entries } = await readPages(atlas, listProjects, signal);
    say(`Projects: ${entries.length}`);
    let readable = 0;
    for (const { id, name } of entries.slice(0, MAX_PROJECTS)) {
      const project = redactor.name(`${String(name)} (${String(id)})`);
      try {
        const workspaces = await readPages(atlas, listWorkspaces(String(id)), signal);
        readable += 1;
        const names = workspaces.entries.map((workspace) => String(workspace["name"])).join(", ");
        say(`  ${project}: ${names ? `workspaces ${redactor.name(names)}` : "no workspaces"}`);
      } catch (error) {
        say(`  ${project}:`);
        explain(unwrapped(error));
      }
    }
    if (entries.length > MAX_PROJECTS) say(`  … and ${entries.length - MAX_PROJECTS} more`);
    return readable > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof AtlasFailure)) throw error;
    explain(error);
    return 1;
  }
}

/** Which rule holds, and what it allows. */
function sayRule(rule: Rule, settings: Services["settings"], say: (line: string) => void): void {
  if (isNoRule(rule)) {
    say(`Policy: ${settings.policy}, which has no rule for stdio (one without \`who\`): nothing is allowed`);
    return;
  }
  say(`Policy: ${settings.policy}, rule "${rule.name}"`);
  for (const line of ruleInWords(rule)) say(`  ${line}`);
  say(`  so these are offered: ${offeredTools(settings, rule).join(", ") || "none"}`);
}

function describeCredentials({ credentials, credentialSource }: Services["settings"]): string {
  switch (credentials.kind) {
    case "service-account":
      return `service account ${credentials.clientId}, from ${credentialSource}`;
    case "access-token":
      return `access token, from ${credentialSource}`;
    case "api-key":
      return `API key ${credentials.publicKey}, from ${credentialSource}`;
    case "missing":
      return credentials.mistake ? "none that can be used" : "none";
  }
}

/** What to do next, where an agent is told to turn to a person. */
function forPerson({ kind, facts }: AtlasFailure): string | undefined {
  const hints: Partial<Record<FailureKind, string>> = {
    configuration: "Put this right where your client configures the server, or in the environment.",
    unauthenticated: facts.atTokenEndpoint
      ? "Correct MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET. A secret expires; create a new one if in doubt."
      : "Atlas refused the configured credentials. Check that they are right, not expired, and allowed from this IP address.",
    network: "Check the network of this machine, and its proxy (HTTPS_PROXY).",
    timeout: "Check the network of this machine, and its proxy (HTTPS_PROXY).",
  };
  return hints[kind];
}
