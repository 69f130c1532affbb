/** `--check`: tries the credentials and says in plain words what they can see and what is missing. */
import { unwrapped } from "../atlas/atlas.ts";
import { listProjects, listWorkspaces } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import type { Services } from "../tool/context.ts";
import { failed } from "../tool/failure.ts";
import { workspace } from "../tools/places/resources.ts";

/** Projects that are looked into. */
const MOST_PROJECTS = 20;

/** @returns the exit code: 0 where at least one project's workspaces can be read, else 1. */
export async function check({ atlas, settings, redactor }: Services, say: (line: string) => void): Promise<number> {
  const { signal } = new AbortController();
  const tell = (failure: AtlasFailure) => {
    const { summary, error } = failed(failure, {}, { resource: workspace }, (text) => redactor.text(text));
    say(redactor.text(`  ${summary}`));
    say(redactor.text(`  ${error.hint}`));
  };
  say(`Atlas: ${settings.baseUrl}`);
  say(`Credentials: ${credentialsInWords(settings)}`);
  try {
    const { entries, truncated } = await readPages(atlas, listProjects, signal);
    say(`Projects: ${entries.length}${truncated ? " or more" : ""}`);
    let readable = 0;
    for (const { id, name } of entries.slice(0, MOST_PROJECTS)) {
      try {
        const workspaces = await readPages(atlas, listWorkspaces(String(id)), signal);
        readable += 1;
        const names = workspaces.entries.map((workspace) => String(workspace["name"]));
        say(redactor.text(`  ${String(name)} (${String(id)}): workspaces ${names.join(", ") || "none"}`));
      } catch (error) {
        say(redactor.text(`  ${String(name)} (${String(id)}):`));
        tell(unwrapped(error));
      }
    }
    if (entries.length > MOST_PROJECTS) say(`  … and ${entries.length - MOST_PROJECTS} more`);
    return readable > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof AtlasFailure)) throw error;
    tell(error);
    return 1;
  }
}

function credentialsInWords({ credentials, credentialSource }: Services["settings"]): string {
  switch (credentials.kind) {
    case "service-account":
      return `service account ${credentials.clientId}, from ${credentialSource}`;
    case "access-token":
      return `access token, from ${credentialSource}`;
    case "api-key":
      return `API key ${credentials.publicKey}, from ${credentialSource}`;
    case "missing":
      return "none";
  }
}
