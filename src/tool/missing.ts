/** What a 404 means: which of project, workspace and what is in it does not exist, and which names there are. */
import type { PagedList } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import type { JsonObject } from "../json.ts";
import { nearest } from "../schema/spelling.ts";
import type { CallContext } from "./context.ts";
import type { Circumstances } from "./failure.ts";
import { Absent, levelsOf, type Place, type Resource } from "./resource.ts";

/** What is known of a place that Atlas does not find. */
export interface Missing extends Circumstances {
  /** Where it is the resource itself that is missing. */
  absent?: Absent;
}

/** What the looking is done with. */
type Looker = Pick<CallContext, "list" | "mask">;

/** At most this many names are listed in a hint. */
const MOST_NAMES = 10;

/**
 * Asks Atlas which part of `place` is missing; where even that cannot be read, Atlas's error code has to do. What a
 * level lists tells of the level above it, too.
 */
export async function whatIsMissing(
  failure: AtlasFailure,
  resource: Resource,
  place: Place,
  looker: Looker,
): Promise<Missing> {
  const { mask } = looker;
  const [project, workspace, ...inside] = levelsOf(resource);
  const groupId = project && place[project.argument];
  if (!project || !workspace || groupId === undefined) return {};
  const code = failure.facts.errorCode ?? "";
  const says = ({ errorCodes }: Resource) => code.includes(errorCodes.missing);
  const namesIn = (level: Resource) => namesOf(level.list(place), (entry) => level.nameOf(entry).name, looker);

  const workspaces = await namesIn(workspace);
  if (workspaces === "not found" || (workspaces === "unreadable" && says(project)))
    return outermostMissing(project, groupId, looker);
  const tenantName = place[workspace.argument];
  if (tenantName === undefined) return {};
  const known = workspaces === "unreadable" ? [] : workspaces;
  if (workspaces === "unreadable" ? says(workspace) : !known.includes(tenantName))
    return {
      ...levelMissing(workspace, tenantName, `the ${project.noun} ${mask(groupId)}`, known, mask),
      ...(resource === workspace && { absent: new Absent(tenantName, nearest(tenantName, known)) }),
    };

  const [own] = inside;
  const name = own && place[own.argument];
  if (!own || name === undefined)
    return {
      hint: `The ${project.noun} or the ${workspace.noun} does not exist, or these credentials cannot see it. Check both.`,
    };
  // A proxy answers 404, too: where nothing else tells, nothing is claimed.
  if (workspaces === "unreadable" && !says(own)) return {};
  const found = await namesIn(own);
  if (!Array.isArray(found) && !says(own)) return {};
  const names = Array.isArray(found) ? found : [];
  if (names.includes(name))
    return { hint: `Atlas lists "${mask(name)}", but does not find it at the moment. Call again in a minute.` };
  return {
    ...levelMissing(own, name, `the ${workspace.noun} "${mask(tenantName)}"`, names, mask),
    absent: new Absent(name, nearest(name, names)),
  };
}

function levelMissing(
  { argument, noun }: Resource,
  given: string,
  where: string,
  found: string[],
  mask: Looker["mask"],
): Circumstances {
  const name = mask(given);
  const names = found.map(mask);
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "" : `; did you mean "${meant}"?`;
  const nearestFirst = meant === undefined ? names : [meant, ...names.filter((other) => other !== meant)];
  return {
    summary: `There is no ${noun} "${name}" in ${where}.`,
    fields: [{ path: [argument], message: `there is no ${noun} "${name}"${suggestion}` }],
    hint: `Check ${argument}. ${listed(`The ${noun}s in ${where}`, nearestFirst)}`.trim(),
  };
}

async function outermostMissing(
  { argument, noun, list, nameOf }: Resource,
  given: string,
  looker: Looker,
): Promise<Circumstances> {
  const { mask } = looker;
  const id = mask(given);
  const called = (entry: JsonObject) => {
    const { name, title } = nameOf(entry);
    return mask(title === undefined ? name : `${title} (${name})`);
  };
  const seen = await namesOf(list({}), called, looker);
  return {
    summary: `There is no ${noun} ${id} that these credentials can see.`,
    fields: [{ path: [argument], message: `no ${noun} ${id} is visible to these credentials` }],
    hint: `Check ${argument}, the ${noun}'s id. ${listed(`The ${noun}s that these credentials see`, Array.isArray(seen) ? seen : [])}`.trim(),
  };
}

function listed(what: string, names: string[]): string {
  if (names.length === 0) return "";
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
  return `${what}: ${names.slice(0, MOST_NAMES).join(", ")}${more}.`;
}

/** What `nameOf` makes of each entry of a list. */
async function namesOf(
  list: PagedList,
  nameOf: (entry: JsonObject) => string,
  looker: Looker,
): Promise<string[] | "not found" | "unreadable"> {
  try {
    return (await looker.list(list)).entries.map(nameOf);
  } catch (error) {
    if (!(error instanceof AtlasFailure) || error.kind === "cancelled") throw error;
    return saysMissing(error) ? "not found" : "unreadable";
  }
}
