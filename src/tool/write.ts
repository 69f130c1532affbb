/**
 * Writes, each at most once: what creating, updating and deleting have in common whatever the resource. What became of a
 * write whose answer was lost is looked for; what became of one whose call was cancelled is said on the log.
 */
import { unwrapped } from "../atlas/atlas.ts";
import type { Find } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import { lookUp } from "../atlas/pages.ts";
import { isLeaving } from "../atlas/states.ts";
import { type Write, type WriteOutcome, writeOnce } from "../atlas/write-once.ts";
import { type Difference, isObject, type JsonObject } from "../json.ts";
import { differenceNote } from "./changes.ts";
import {
  type Create,
  type Created,
  doneWords,
  type FullCall,
  type Removal,
  type StateChange,
  type Update,
} from "./context.ts";
import { BeingDeleted } from "./deletion.ts";
import { failureOf, ToolFailure } from "./failure.ts";
import { Absent, fieldOf } from "./resource.ts";

/** @throws {ToolFailure} of kind `conflict` where something else has the name. */
export async function create(call: FullCall, what: Create): Promise<Created> {
  const { clock } = call.atlas;
  const until = clock.now() + (what.waits ? call.settings.readyMs : 0);
  for (;;) {
    try {
      return await createOrCompare(call, what);
    } catch (error) {
      if (!(error instanceof BeingDeleted) || clock.now() >= until)
        throw failureOf(error, call).with({ creating: true });
      await untilFree(call, what, until);
    }
  }
}

/** Waits until nothing that is being deleted has the name any more. */
async function untilFree({ atlas, signal, mask, progress }: FullCall, { find }: Create, until: number): Promise<void> {
  while (atlas.clock.now() < until) {
    const found = await lookUp(find, (request) => atlas.attempt(request, { signal, timeoutMs: atlas.timeoutMs })).catch(
      unwrapped,
    );
    signal.throwIfAborted();
    if (found === "nothing") return;
    if (found instanceof AtlasFailure ? saysMissing(found) : isObject(found) && !isLeaving(found)) return;
    progress(`State ${mask(isObject(found) ? String(found["state"]) : "unknown")}`);
    await atlas.clock.sleep(POLL_MS, signal);
  }
}

async function createOrCompare(call: FullCall, what: Create): Promise<Created> {
  const { request, find, name } = what;
  const { noun } = call.resource;
  try {
    const outcome = await writeAndReport(call, "create", name, {
      request,
      find,
      expects: "resource",
      meaning: (existing) => {
        if (isLeaving(existing)) return "the one before it is being deleted";
        return what.differences(existing).length === 0 ? "it happened" : `another ${noun} has the name`;
      },
    });
    if (outcome.kind === "answered") return { outcome: "created", latest: outcome.body };
    const existing = outcome.kind === "found" ? outcome.body : {};
    refuseAnother(call, what, existing, outcome.cause);
    call.warn(askedAtlas(outcome.cause, `the ${noun} is there as requested`, what, existing));
    return { outcome: "created", latest: existing };
  } catch (error) {
    if (!(error instanceof AtlasFailure) || error.kind !== "conflict") throw error;
    const existing = await whatIsThere(call, find, error);
    if (!existing) throw error;
    refuseAnother(call, what, existing, error);
    return { outcome: "already_exists", latest: existing === "nothing" ? {} : existing };
  }
}

/** @throws {ToolFailure} where what has the name is not what is requested. */
export function refuseAnother(
  call: FullCall,
  what: Create,
  existing: JsonObject | "nothing",
  cause: AtlasFailure,
): void {
  if (existing === "nothing" || isLeaving(existing)) {
    const next = what.waits === false ? "; `waitUntilReady`: true waits for that" : "";
    throw new BeingDeleted(what.name, existing, call, { next, cause });
  }
  const differences = what.differences(existing);
  if (differences.length > 0) throw conflict(call, what, existing, differences, cause);
}

/** How often what has a name is looked for: what is new can be missing for a moment. */
const LOOKS = 5;

/** What has the name, or undefined where it cannot be read, or the `refusal` is about something else than the name. */
async function whatIsThere(
  { atlas, signal }: FullCall,
  find: Find,
  { facts: { structured, errorCode = structured && "ALREADY_EXISTS" } }: AtlasFailure,
): Promise<JsonObject | "nothing" | undefined> {
  for (let looks = 1; ; looks += 1) {
    try {
      const body = await lookUp(find, (request) => atlas.read(request, signal));
      if (body !== "nothing") return isObject(body) ? body : undefined;
      if (!errorCode?.includes("ALREADY_EXISTS")) return undefined;
    } catch (error) {
      if (!(error instanceof AtlasFailure) || error.kind === "cancelled") throw error;
      if (!saysMissing(error) || !errorCode?.includes("ALREADY_EXISTS")) return undefined;
    }
    if (looks === LOOKS) return "nothing";
    await atlas.clock.sleep(50 * 2 ** looks, signal);
  }
}

function conflict(
  call: FullCall,
  { name, caveat = () => "", partsOf }: Create,
  existing: JsonObject,
  differences: readonly Difference[],
  cause: AtlasFailure,
): ToolFailure {
  const { noun, view, changedBy } = call.resource;
  const change = changedBy
    ? `, choose another name, or ${call.way("change it", changedBy)}`
    : " or choose another name";
  const message = `A ${noun} named "${call.mask(name)}" already exists and differs from the one requested`;
  return new ToolFailure(new AtlasFailure("conflict", message, { ...cause.facts, retryable: false }, { cause }), {
    fields: differences.map((each) => differenceNote(each, partsOf, call)),
    hint: `Use the existing ${noun}${change}.${caveat(existing)}`,
    result: { [fieldOf(call.resource)]: view(existing) },
  });
}

const SECRET_UNSEEN = "whether the secret was changed cannot be seen, since Atlas does not show secrets";

/** @throws {AtlasFailure} `unknown_outcome` where the answer was lost and what changed cannot be seen. */
export async function update(call: FullCall, what: Update): Promise<JsonObject> {
  const { request, find, name, happened, unseen, unseenAs = SECRET_UNSEEN } = what;
  const outcome = await writeAndReport(call, "update", name, {
    request,
    find,
    expects: "resource",
    happened: (latest) => latest !== "nothing" && happened(latest),
    meaning: () => (unseen ? unseenAs : "it happened"),
  });
  if (outcome.kind === "answered") return outcome.body;
  const { cause } = outcome;
  if (unseen)
    throw new AtlasFailure(
      "unknown_outcome",
      `${cause.message}; ${unseenAs}`,
      { ...cause.facts, retryable: true },
      { cause },
    );
  const latest = outcome.kind === "found" ? outcome.body : {};
  call.warn(askedAtlas(cause, `the ${call.resource.noun} is now as requested`, what, latest));
  return latest;
}

/** The words for a write whose answer was lost and that was found done. */
function askedAtlas(
  { message }: AtlasFailure,
  found: string,
  { compared, caveat }: Create | Update,
  latest: JsonObject,
) {
  const same = compared ? `, with the same ${compared}` : "";
  return `${message}, so Atlas was asked: ${found}${same}.${caveat?.(latest) ?? ""}`;
}

/** Has Atlas do something to what exists. @throws {AtlasFailure} it did not happen, or nobody can tell. */
export async function changeState(call: FullCall, { verb, request, find, name, happened }: StateChange): Promise<void> {
  const outcome = await writeAndReport(call, verb, name, {
    request,
    find,
    expects: "nothing",
    happened: (latest) => latest !== "nothing" && happened(latest),
    // Atlas shows the state from before until it has done it.
    showsLate: true,
    meaning: () => "it happened",
  });
  if (outcome.kind === "answered") return;
  call.warn(`${outcome.cause.message}, so Atlas was asked: the ${call.resource.noun} was ${doneWords[verb]}.`);
}

/** How long something that is still being deployed is waited for, and then until it is gone, in milliseconds. */
const DEPLOYING_MS = 45_000;
const LEAVING_MS = 10_000;
const POLL_MS = 1_000;

/**
 * Deletes as soon as Atlas is done deploying, and waits for a while until it is gone.
 * @throws {AtlasFailure} also where nothing shows by then that it is being deleted.
 */
export async function remove(call: FullCall, removal: Removal): Promise<"deleted" | Absent> {
  const accepted = await call.unlessAbsent(deleteOnceDeployed(call, removal));
  if (accepted instanceof Absent) return accepted;
  const { noun, states, hasId } = call.resource;
  if (removal.unseen) {
    call.warn(
      `Atlas accepted the deletion; whether it is done cannot be read, since Atlas did not list the ${noun} before.`,
    );
    return "deleted";
  }
  const last = await lastUntilGone(call, removal);
  if (last === GONE) return "deleted";
  if (last === undefined) call.warn("Atlas accepted the deletion; whether it is done could not be read.");
  else if ((removal.isLeaving ?? isLeaving)(last) || (accepted && !states))
    call.warn(
      `Atlas accepted the deletion and goes on with it (${states ? `state ${last["state"]}` : "it is still shown"})${hasId ? "." : `; until it is done, the name of the ${noun} is taken.`}`,
    );
  else throw stillThere(call, last);
  return "deleted";
}

/** What answers for Atlas may have passed nothing on; without a state, nobody can tell. */
function stillThere({ resource: { noun, states }, mask }: FullCall, { state }: JsonObject): AtlasFailure {
  const message = `The deletion was accepted, but the ${noun} is still there`;
  if (states) return new AtlasFailure("atlas_error", `${message} (state ${mask(String(state))})`, { retryable: true });
  return new AtlasFailure("unknown_outcome", `${message}; it may still be deleted`, { retryable: true });
}

/** Gives whether the answer says, as no page that stands in Atlas's place does, that the deletion is accepted. */
async function deleteOnceDeployed(call: FullCall, removal: Removal): Promise<boolean> {
  const { request, find, name, unseen, isLeaving: leaves = isLeaving } = removal;
  const { atlas, resource, signal } = call;
  const until = atlas.clock.now() + DEPLOYING_MS;
  for (;;) {
    try {
      const outcome = await writeAndReport(call, "delete", name, {
        request,
        find,
        expects: "nothing",
        happened: (latest) => !unseen && (latest === "nothing" || leaves(latest)),
        // One without a state looks, on its way out, as it did before.
        showsLate: resource.states === undefined,
        meaning: () => "it happened",
      });
      return outcome.kind === "answered" && outcome.status === 202;
    } catch (error) {
      const { deploying } = resource.errorCodes;
      const passes = error instanceof AtlasFailure && deploying !== undefined && error.facts.errorCode === deploying;
      if (!passes || atlas.clock.now() >= until) throw error;
      call.progress(`Waiting until the ${resource.noun} is deployed`);
      await atlas.clock.sleep(POLL_MS, signal);
    }
  }
}

const GONE = Symbol("gone");

/** Waits until it is gone, and gives what Atlas shows of it where it is not, as far as that can be read in the end. */
async function lastUntilGone(
  { atlas, resource, signal, mask, progress }: FullCall,
  { find, name }: Removal,
): Promise<typeof GONE | JsonObject | undefined> {
  const until = atlas.clock.now() + LEAVING_MS;
  let last: JsonObject | undefined;
  while (atlas.clock.now() < until) {
    try {
      const body = await lookUp(find, (request) => atlas.attempt(request, { signal, timeoutMs: atlas.timeoutMs }));
      if (body === "nothing") return GONE;
      last = isObject(body) && resource.nameOf(body).name === name ? body : undefined;
      progress(resource.states ? `State ${mask(String(last?.["state"] ?? "unknown"))}` : "Waiting until it is gone");
    } catch (error) {
      // The call is cancelled, and nobody hears any more what became of it.
      if (signal.aborted) return undefined;
      if (error instanceof AtlasFailure && saysMissing(error)) return GONE;
      last = undefined;
    }
    await atlas.clock.sleep(POLL_MS, signal).catch(() => {});
  }
  return last;
}

interface Writing extends Write {
  /** What it means for the write of a cancelled call that Atlas shows this. */
  meaning: (existing: JsonObject) => string;
}

async function writeAndReport(
  { atlas, resource, signal, settings: { checkMs }, log, abandoned, mask }: FullCall,
  verb: "create" | "update" | "delete" | StateChange["verb"],
  name: string,
  { meaning, ...write }: Writing,
): Promise<WriteOutcome> {
  const say = (became: string) =>
    log.warning(`A call was cancelled after its ${verb} had been sent; ${became}`, { [fieldOf(resource)]: mask(name) });
  return writeOnce(atlas, write, {
    signal,
    checkMs,
    // What is not known yet is kept, so that the process can wait a moment for it before it ends.
    ...(abandoned && {
      onAbandoned: (rest: Promise<WriteOutcome>) => {
        const report = rest
          .then(
            (outcome) => say(outcome.kind === "found" ? meaning(outcome.body) : "it happened"),
            (error: unknown) => say(error instanceof Error ? error.message : "what became of it is unknown"),
          )
          .finally(() => abandoned.delete(report));
        abandoned.add(report);
      },
    }),
  });
}
