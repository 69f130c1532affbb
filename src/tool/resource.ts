/** What Atlas keeps and tools are about, such as a project, a workspace or a connection, as a value that general code reads. */
import type { PagedList } from "../atlas/endpoints.ts";
import type { JsonObject, Path } from "../json.ts";
import type { Way } from "./words.ts";

/** Where a call works: the names that its arguments give, by the argument. What it does not need is left out. */
export type Place = Readonly<Record<string, string>>;

export interface Resource {
  /** What one is called in a sentence. */
  noun: string;
  /** What it is called as a field of results and in plans, where the noun is several words. */
  field?: string;
  /** It has no name that people choose: Atlas gives it an id. */
  hasId?: true;
  /** The argument that names one. */
  argument: string;
  /** What it is in; nothing for the outermost. */
  within?: Resource;
  /** Lists all of them in a place. */
  list(place: Place): PagedList;
  /** How an entry of that list is named in arguments, and what people call it where that is something else. */
  nameOf(entry: JsonObject): { name: string; title?: string };
  /** The tool that lists them, and the one that shows one. */
  listedBy: string;
  shownBy?: string;
  /** The tool that changes one. */
  changedBy?: string;
  /** One as an agent sees it. */
  view(existing: JsonObject): JsonObject;
  /** Whether the API documents what stands at a path of one; all of it where this is left out. */
  documents?(path: Path): boolean;
  /** What Atlas's field `state` says of it. */
  states?: {
    /** Whether a state is followed by another by itself; of one that nobody knows this is not claimed. */
    passes(state: unknown): boolean;
    /** It settled, and does not work. */
    failed: string;
    /** How long settling may take, without a full stop; nothing where it is a matter of seconds. */
    patience?: string;
  };
  errorCodes: {
    /** In Atlas's error code for one that does not exist. */
    missing: string;
    /** Atlas cannot delete it yet, and can in a moment. */
    deploying?: string;
    /** What to do next about an error code, where that is known better than by the kind of failure. */
    hints?: Readonly<Record<string, (way: Way, detail: string) => string | undefined>>;
  };
}

/** The field of a result that shows one. */
export const fieldOf = ({ field, noun }: Resource): string => field ?? noun;

/** A resource and what it is in, from the outermost to itself. */
export function levelsOf(resource: Resource): Resource[] {
  return [...(resource.within ? levelsOf(resource.within) : []), resource];
}

/** What a call, or a part of it, is about: its failures are told in the words of that, and by its arguments. */
export interface Subject {
  resource: Resource;
  place: Place;
  /** Leads from the arguments to what is sent as its body. */
  at: Path;
  /** Leads to the argument that names it, where that is not the resource's own. */
  named?: Path;
}

/** A resource that does not exist, though what it would be in does. */
export class Absent {
  readonly name: string;
  /** The name that may have been meant. */
  readonly nearest: string | undefined;

  constructor(name: string, nearest: string | undefined) {
    this.name = name;
    this.nearest = nearest;
  }
}
