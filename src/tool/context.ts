/** What tools work with: the services of the process, and the one call that they serve. */
import type { Answer } from "../atlas/answer.ts";
import { unwrapped } from "../atlas/atlas.ts";
import type { AtlasRequest, PagedList } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { type Listing, readPages } from "../atlas/pages.ts";
import type { Settings } from "../config/settings.ts";
import { isObject, type JsonObject, type Path } from "../json.ts";
import type { PersonNeeded, SecretQuestion, TypedSecret } from "../secret-page/person.ts";
import { maskValue, type PartsOf, type SecretPart } from "../secrets/parts.ts";
import type { Services } from "../services.ts";
import { type PlannedRequest, planRequest } from "./dry-run.ts";
import { ToolFailure } from "./failure.ts";
import { type Absent, whatIsMissing } from "./missing.ts";
import type { Place, Resource } from "./resource.ts";
import { untilSettled } from "./wait.ts";
import {
  type Create,
  type Created,
  changeState,
  create,
  type Removal,
  remove,
  type StateChange,
  type Update,
  type Updated,
  update,
  type Writer,
} from "./write.ts";

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
  /** Keeps secrets out of everything that leaves the process, until the call has ended. */
  keepSecret(secrets: Iterable<string>): void;
  /** Keeps what references gave out of it for as long as the process lives. */
  keepReachable(secrets: Iterable<string>): void;
  /** A name from outside as it may stand in a sentence: what is secret of it is masked. */
  mask(name: string): string;
  /** The same for any text from outside, in which shorter secrets are looked for as well. */
  maskText(text: string): string;
  /** What of the text of a field is secret by its value. */
  secretPartsIn(text: string): SecretPart[];
  /** @throws {AtlasFailure} */
  read(request: AtlasRequest): Promise<Answer>;
  /** @throws {AtlasFailure} */
  list(list: PagedList): Promise<Listing>;
}

/** What a tool does its work with. What goes wrong in it is thrown, and put into words by the runner. */
export interface Call extends CallContext {
  /** What the arguments name. */
  readonly place: Place;
  /** Whether a person can be asked to open a page. */
  readonly canAskPerson: boolean;
  /** The page to throw: the call ends, and is entered again when the person has answered. */
  askPerson(question: SecretQuestion): Promise<PersonNeeded>;
  /** Says something in the result beside what it says of itself. */
  warn(message: string): void;
  /** Tells the client how far the call is, where it asked to be told. */
  progress(message: string): void;
  /** An object that Atlas shows. @throws {AtlasFailure} */
  shown(request: AtlasRequest): Promise<JsonObject>;
  /** What `work` gives, or what went wrong with it where the call can do without. */
  attempt<T>(work: Promise<T>): Promise<T | ToolFailure>;
  /**
   * What `work` gives, or that the tool's own resource does not exist. `name` is its name where no argument gives it.
   * @throws {ToolFailure} where something else is missing, such as the workspace.
   */
  unlessAbsent<T>(work: Promise<T>, name?: string): Promise<T | Absent>;
  /** Creates something under a name that is unique in its place, at most once. */
  create(create: Create): Promise<Created>;
  /** Changes something, at most once. */
  update(update: Update): Promise<Updated>;
  /** Deletes something and waits for a while until it is gone. */
  remove(removal: Removal): Promise<"deleted" | Absent>;
  /** Has Atlas start or stop something, at most once. */
  changeState(change: StateChange): Promise<void>;
  /** Watches something until its state settles, or is one of `wanted`, for as long as is configured. */
  untilSettled(shown: JsonObject, find: AtlasRequest, wanted?: readonly string[]): Promise<JsonObject>;
  /** What `work` gives; where the call is cancelled meanwhile, `left` goes to the log, since nobody reads the result. */
  leaving<T>(left: string, work: Promise<T>): Promise<T>;
  /** The same call where it works on another resource than the tool's own. */
  about(resource: Resource, place: Place): Call;
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

export function contextOf(
  { atlas, settings, env, redactor }: Services,
  signal: AbortSignal,
  typed: readonly TypedSecret[],
  keepSecret: CallContext["keepSecret"],
): CallContext {
  return {
    settings,
    env,
    typed,
    keepSecret,
    keepReachable: (secrets) => void redactor.add(secrets),
    mask: (name) => redactor.field(name),
    maskText: (text) => redactor.text(text),
    secretPartsIn: (text) => redactor.partsOfField(text),
    read: (request) => atlas.read(request, signal),
    list: (list) => readPages(atlas, list, signal),
  };
}

/** How a call speaks to its client, and how it hears that it is cancelled. */
type Talk = Pick<Call, "warn" | "progress" | "canAskPerson" | "askPerson"> & { signal: AbortSignal };

export function callOf(
  context: CallContext,
  resource: Resource,
  place: Place,
  services: Services,
  { signal, ...talk }: Talk,
): Call {
  const { atlas, settings, log, abandoned, redactor } = services;
  const unlessAbsent: Call["unlessAbsent"] = async (work, name) => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof AtlasFailure) || error.kind !== "not_found") throw error;
      const where = name === undefined ? place : { ...place, [resource.argument]: name };
      const missing = await whatIsMissing(error, resource, where, { atlas, signal, mask });
      if (missing.absent) return missing.absent;
      throw new ToolFailure(error, missing);
    }
  };
  const { warn, progress } = talk;
  const { mask } = context;
  const { checkMs, readyMs } = settings;
  const visible: Call["visible"] = (value, path, partsOf) =>
    redactor.value(maskValue(value, partsOf, path), resource.documents, path);
  const visiblePath: Call["visiblePath"] = (path) => redactor.path(path, resource.documents);
  const masks = { mask, visible, visiblePath };
  const writer: Writer = { atlas, resource, signal, checkMs, log, abandoned, ...masks, warn, progress, unlessAbsent };
  return {
    ...context,
    ...talk,
    ...masks,
    place,
    unlessAbsent,
    async shown(request) {
      const { body, status } = await context.read(request);
      if (isObject(body)) return body;
      throw new AtlasFailure("atlas_error", `Atlas answered with a ${resource.noun} that cannot be read`, { status });
    },
    async attempt(work) {
      try {
        return await work;
      } catch (error) {
        const failure = error instanceof ToolFailure ? error : new ToolFailure(unwrapped(error));
        if (failure.failure.kind === "cancelled") throw error;
        return failure;
      }
    },
    async leaving(left, work) {
      try {
        return await work;
      } catch (error) {
        if (signal.aborted) log.warning(`A call was cancelled midway. ${left}`);
        throw error;
      }
    },
    create: (what) => create(writer, what),
    update: (what) => update(writer, what),
    remove: (what) => remove(writer, what),
    changeState: (what) => changeState(writer, what),
    untilSettled: (shown, find, wanted) =>
      untilSettled(shown, find, resource, { atlas, signal, readyMs, mask, warn, progress }, wanted),
    about: (other, elsewhere) => callOf(context, other, elsewhere, services, { signal, ...talk }),
    now: () => atlas.clock.now(),
    pause: (milliseconds) => atlas.clock.sleep(milliseconds, signal),
    planned: (request, partsOf = () => []) =>
      planRequest(request, settings.baseUrl, (body) => visible(body, [], partsOf)),
  };
}
