/** What tools work with: the services of the process, and the one call that they serve. */
import type { Answer } from "../atlas/answer.ts";
import type { AtlasRequest, Find, PagedList } from "../atlas/endpoints.ts";
import type { Listing } from "../atlas/pages.ts";
import type { Stopped } from "../atlas/restarts.ts";
import type { Settings } from "../config/settings.ts";
import type { Difference, JsonObject, Path } from "../json.ts";
import type { PersonNeeded, SecretQuestion, TypedSecret } from "../secret-page/person.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Services } from "../services.ts";
import type { ToolFailure } from "./failure.ts";
import type { Absent, Subject } from "./resource.ts";
import type { PlannedRequest } from "./result.ts";
import type { Way } from "./words.ts";

/** How far a call is: `progress` rises from one report to the next. */
export interface Progress {
  progress: number;
  total?: number;
  message: string;
}

/** What the reading of arguments may use. All of it ends when the client cancels the call. */
export interface CallContext {
  readonly settings: Settings;
  readonly env: Services["env"];
  /** What a person typed on the page that an earlier entry of this call asked for. */
  readonly typed: readonly TypedSecret[];
  /** Keeps secrets out of everything that leaves the process: in this call, and in later ones among the newest. */
  keepSecret(secrets: Iterable<string>): void;
  /** A name from outside as it may stand in a sentence; what is none, such as an echo, is masked. */
  mask(name: string): string;
  /** Any text from outside, with every secret in it masked. */
  maskText(text: string): string;
  /** What of the text at a path of a resource is secret by its value. */
  secretPartsIn: PartsOf;
  /** How a sentence says what is to be done: it names no tool that the client is not offered. */
  readonly way: Way;
  /** @throws {AtlasFailure} */
  read(request: AtlasRequest): Promise<Answer>;
  /** @throws {AtlasFailure} */
  list(list: PagedList): Promise<Listing>;
}

/**
 * What a tool does its work with, and what that is about. What goes wrong is thrown as a `ToolFailure` of that subject, and
 * put into words by the runner.
 */
export interface Call extends CallContext, Subject, Pick<Services, "log"> {
  /** Aborted when the client cancels the call, or at the end of the process. */
  readonly signal: AbortSignal;
  /** A dry run, in which writes are not sent. */
  readonly isDry: boolean;
  /** Whether a person can be asked to open a page. */
  readonly canAskPerson: boolean;
  /** The page to throw: the call ends, and is entered again when the person has answered. */
  askPerson(question: SecretQuestion): Promise<PersonNeeded>;
  /** Says something in the result beside what it says of itself. */
  warn(message: string): void;
  /** Tells the client how far the call is, where it asked to be told; `at`, how many steps are done of how many. */
  progress(message: string, at?: { done: number; total: number }): void;
  /** The object that Atlas answers with. */
  find(request: AtlasRequest): Promise<JsonObject>;
  /** What `work` gives, or what went wrong with it where the call can do without. */
  attempt<T>(work: Promise<T>): Promise<T | ToolFailure>;
  /**
   * What `work` gives, or that the resource does not exist. `name` is its name where no argument gives it.
   * @throws {ToolFailure} where something else is missing, such as the workspace.
   */
  unlessAbsent<T>(work: Promise<T>, name?: string): Promise<T | Absent>;
  /**
   * For what takes several writes: refuses it before the first, where the policy does not allow one of them. Each is
   * judged as it would be after those before it.
   * @throws {ToolFailure} `forbidden`
   */
  permit(requests: readonly AtlasRequest[]): Promise<void>;
  /** Creates something under a name that is unique in its place, at most once. */
  create(create: Create): Promise<Created>;
  /** Changes something, at most once. */
  update(update: Update): Promise<JsonObject>;
  /** Deletes something and waits for a while until it is gone. */
  remove(removal: Removal): Promise<"deleted" | Absent>;
  /** Has Atlas start or stop something, or answer a request, at most once. */
  changeState(change: StateChange): Promise<void>;
  /**
   * Watches something until its state settles, for as long as is configured.
   * @throws {ToolFailure} where it is deleted meanwhile.
   */
  untilSettled(latest: JsonObject, find: AtlasRequest, wait?: Wait): Promise<JsonObject>;
  /**
   * Does `work` once no other call is at work on what `find` shows. With `untilKnown`, a call that was cancelled is at
   * work on it until it is known what became of what it had sent: what has no name can be made twice.
   */
  inTurn<T>(find: Find, work: () => Promise<T>, how?: { untilKnown?: boolean }): Promise<T>;
  /**
   * Does `work` to its end though the client cancels the call, since what it stops must not stay so. Only the end of the
   * process cuts it short; what became of it is on the log then, since nobody reads the result.
   */
  toTheEnd<T>(work: (call: Call) => Promise<T>): Promise<T>;
  /** Has something started again at the end of the process, until what it gives is called. */
  stopping(stopped: Stopped): () => void;
  /** The same call where it works on something else than the tool's own resource. */
  about(subject: Subject): Call;
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits, unless the call is cancelled. */
  pause(milliseconds: number): Promise<void>;
  /** A request as a dry run shows it; `partsOf` tells what of its body is secret by its place. */
  planned(request: AtlasRequest, partsOf?: PartsOf): PlannedRequest;
  /** What stands at `path` of one of the tool's resources, with what is secret of it by place and by value masked. */
  visible(value: unknown, path: Path, partsOf: PartsOf): unknown;
  /** The path of something in one of the tool's resources, in which names that Atlas alone knows are masked. */
  visiblePath(path: Path): Path;
}

/** The call as this folder sees it, with what it speaks to Atlas with. */
export interface FullCall extends Call, Pick<Services, "atlas">, Partial<Pick<Services, "abandoned">> {}

/** How something is watched. */
export interface Wait {
  /** Whether a state is waited out; by default, what the resource's states say. */
  passes?: (state: unknown, latest: JsonObject) => boolean;
  /** Atlas has shown it before, so a 404 means that it was deleted. */
  seen?: true;
  /** Milliseconds, after which nothing is said; by default it is as long as is configured, and then a warning. */
  within?: number;
  /** When the waiting began, where something else was waited for before. */
  since?: number;
}

/** A write, the read that shows whether it happened, and the name of what is written. */
interface Write {
  request: AtlasRequest;
  find: Find;
  name: string;
}

/** A write of something that is compared with what Atlas shows. */
interface ComparedWrite extends Write {
  /** What is compared though no result shows it, such as `header values`. */
  compared?: string | undefined;
  /** A sentence on what cannot be compared, since Atlas does not show it, or nothing. */
  caveat?(existing: JsonObject): string;
}

export interface Create extends ComparedWrite {
  /** Where what Atlas has is not what is requested. */
  differences(existing: JsonObject): readonly Difference[];
  /** What is secret by its place of what is requested, and of what exists. */
  partsOf: PartsOf;
  /** Whether to wait for what has the name and is being deleted; left out where no argument asks for that. */
  waits?: boolean | undefined;
}

export interface Created {
  outcome: "created" | "already_exists";
  latest: JsonObject;
}

export interface Update extends ComparedWrite {
  /** Whether what Atlas shows is as it was to become. */
  happened(latest: JsonObject): boolean;
  /** Nothing that Atlas shows is to change, so it cannot be seen whether it did. */
  unseen: boolean;
  /** What to say of that, where it is not about secrets: `whether … cannot be seen`. */
  unseenAs?: string;
  /** What is secret by its place of what is requested. */
  partsOf?: PartsOf;
}

export interface StateChange extends Write {
  verb: keyof typeof doneWords;
  /** Whether what Atlas shows means that it was done. */
  happened(latest: JsonObject): boolean;
}

export interface Removal extends Write {
  /** Atlas does not show it before either, so that it cannot be seen whether it is gone. */
  unseen?: boolean;
  /** Whether it is on its way out, where its state is no `state`. */
  isLeaving?: (latest: JsonObject) => boolean;
}

/** What Atlas is told to do to something, and what was done then. */
export const doneWords = { start: "started", stop: "stopped", accept: "accepted", reject: "rejected" } as const;
