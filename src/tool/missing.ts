/** What a 404 means: which of project, workspace and what is in it does not exist, and which names there are. */
import type { PagedList } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import { dotted, type JsonObject, type Path } from "../json.ts";
import { nearest } from "../schema/spelling.ts";
import type { CallContext } from "./context.ts";
import type { Circumstances } from "./failure.ts";
import { Absent, levelsOf, type Resource, type Subject } from "./resource.ts";
import { someOf } from "./words.ts";

/** What is known of a place that Atlas does not find. */
export interface Missing extends Circumstances {
  /** Where it is the resource itself that is missing. */
  absent?: Absent;
}

/** What the looking is done with. */
type Looker = Pick<CallContext, "list" | "mask">;

/**
 * Asks Atlas which level of a place is missing; where even that cannot be read, Atlas's error code has to do. What is in
 * the outermost tells of it, too.
 */
export async function whatIsMissing(
  { facts: { errorCode = "" } }: AtlasFailure,
  { resource, place, named = [resource.argument] }: Subject,
  looker: Looker,
): Promise<Missing> {
  const { mask } = looker;
  const says = ({ errorCodes }: Resource) => errorCode.includes(errorCodes.missing);
  const [outermost, ...levels] = levelsOf(resource);
  const id = outermost && place[outermost.argument];
  if (!outermost || id === undefined) return {};
  let where = `the ${outermost.noun} ${mask(id)}`;
  let above = outermost;
  let isListed = true;
  for (const level of levels) {
    const isFirst = above === outermost;
    const name = place[level.argument];
    if (!isFirst && name === undefined)
      return {
        hint: `The ${above.within?.noun} or the ${above.noun} does not exist, or these credentials cannot see it. Check both.`,
      };
    // A proxy answers 404, too: where nothing else tells, nothing is claimed.
    if (!isListed && !says(level)) return {};
    const found = await namesListed(level.list(place), (entry) => level.nameOf(entry).name, looker);
    const names = Array.isArray(found) ? found : undefined;
    if (isFirst && (found === "not found" || (!names && says(outermost))))
      return outermostMissing(outermost, id, looker);
    if (name === undefined) return {};
    isListed = names?.includes(name) === true;
    if (!isListed && (names || says(level)))
      return {
        ...levelMissing(level, level === resource ? named : [level.argument], name, where, names ?? [], mask),
        ...(level === resource && { absent: new Absent(name, nearest(name, names ?? [])) }),
      };
    if (isListed && level === resource)
      return {
        passes: true,
        hint: `Atlas lists "${mask(name)}", but cannot find it at the moment. Call again in a minute.`,
      };
    where = `the ${level.noun} "${mask(name)}"`;
    above = level;
  }
  return {};
}

function levelMissing(
  { noun }: Resource,
  path: Path,
  requested: string,
  where: string,
  found: readonly string[],
  mask: Looker["mask"],
): Circumstances {
  const name = mask(requested);
  const names = found.map(mask);
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "" : `; did you mean "${meant}"?`;
  const nearestFirst = meant === undefined ? names : [meant, ...names.filter((other) => other !== meant)];
  return {
    summary: `There is no ${noun} "${name}" in ${where}.`,
    fields: [{ path, message: `there is no ${noun} "${name}"${suggestion}` }],
    hint: `Check ${dotted(path)}. ${listed(`The ${noun}s in ${where}`, nearestFirst)}`.trim(),
  };
}

async function outermostMissing(
  { argument, noun, list, nameOf }: Resource,
  requested: string,
  looker: Looker,
): Promise<Circumstances> {
  const { mask } = looker;
  const id = mask(requested);
  const called = (entry: JsonObject) => {
    const { name, title } = nameOf(entry);
    return mask(title === undefined ? name : `${title} (${name})`);
  };
  const found = await namesListed(list({}), called, looker);
  return {
    summary: `There is no ${noun} ${id} that these credentials can see.`,
    fields: [{ path: [argument], message: `no ${noun} ${id} is visible to these credentials` }],
    hint: `Check ${argument}, the ${noun}'s id. ${listed(`The ${noun}s that these credentials see`, Array.isArray(found) ? found : [])}`.trim(),
  };
}

const listed = (what: string, names: readonly string[]) => (names.length === 0 ? "" : `${what}: ${someOf(names)}.`);

/** What `nameOf` makes of each entry of a list. */
async function namesListed(
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
