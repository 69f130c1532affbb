/** Builds the call that a tool works with, from the services of the process and what the protocol gives for the call. */
import { findKey } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { isObject } from "../json.ts";
import { maskValue } from "../secrets/parts.ts";
import type { Services } from "../services.ts";
import type { Call, CallContext, FullCall } from "./context.ts";
import { type DryRun, foreseenWrites, planRequest } from "./dry-run.ts";
import { failureOf, ToolFailure } from "./failure.ts";
import { whatIsMissing } from "./missing.ts";
import { fieldOf, type Subject } from "./resource.ts";
import { untilSettled } from "./wait.ts";
import { sentence } from "./words.ts";
import { changeState, create, remove, update } from "./write.ts";

export function contextOf(
  { atlas, settings, env, redactor }: Services,
  signal: AbortSignal,
  { keepSecret, way }: Pick<CallContext, "keepSecret" | "way">,
): CallContext {
  return {
    ...readsOf(atlas, signal),
    settings,
    env,
    typed: [],
    keepSecret,
    way,
    mask: (name) => redactor.name(name),
    maskText: (text) => redactor.text(text),
    secretPartsIn: (text, path) => redactor.partsOfField(text, path),
  };
}

const readsOf = (atlas: Services["atlas"], signal: AbortSignal): Pick<CallContext, "read" | "list"> => ({
  read: (request) => atlas.read(request, signal),
  list: (list) => readPages(atlas, list, signal),
});

/** How a call speaks to its client, and how it hears that it is cancelled. */
type Talk = Pick<FullCall, "signal" | "warn" | "progress" | "canAskPerson" | "askPerson"> & {
  /** Where it is a dry run: what it finds. */
  dry?: DryRun | undefined;
};

export function callOf(context: CallContext, subject: Subject, services: Services, talk: Talk): Call {
  const { atlas, log, abandoned, redactor, restarts, turns } = services;
  const { resource, place } = subject;
  const { dry, ...client } = talk;
  const { signal } = client;
  /** What goes wrong in it is a failure of the subject. */
  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw failureOf(error, subject);
    });
  const call: FullCall = {
    ...context,
    ...client,
    ...subject,
    isDry: dry !== undefined,
    atlas,
    log,
    // At the end of the process nothing is read any more.
    ...(signal !== restarts.ending && { abandoned }),
    visible: (value, path, partsOf) => redactor.value(maskValue(value, partsOf, path), resource.documents, path),
    visiblePath: (path) => redactor.path(path, resource.documents),
    read: (request) => told(context.read(request)),
    list: (list) => told(context.list(list)),
    async find(request) {
      const { body, status } = await call.read(request);
      if (isObject(body)) return body;
      const message = `Atlas answered with a ${resource.noun} that cannot be read`;
      throw failureOf(new AtlasFailure("atlas_error", message, { status }), subject);
    },
    async attempt(work) {
      try {
        return await work;
      } catch (error) {
        const failure = failureOf(error, subject);
        if (failure.failure.kind === "cancelled") throw failure;
        return failure;
      }
    },
    async unlessAbsent(work, name) {
      const done = await call.attempt(work);
      if (!(done instanceof ToolFailure)) return done;
      if (done.failure.kind !== "not_found") throw done;
      const where = name === undefined ? place : { ...place, [resource.argument]: name };
      const missing = await whatIsMissing(done.failure, { ...subject, place: where }, context);
      if (missing.absent) return missing.absent;
      throw done.with(missing);
    },
    inTurn: (find, work, { untilKnown = false } = {}) =>
      turns.take(findKey(find), signal, work, untilKnown ? () => Promise.allSettled(abandoned) : undefined),
    async toTheEnd(work) {
      signal.throwIfAborted();
      const { ending } = restarts;
      ending.throwIfAborted();
      const report = (became: string) => {
        if (signal.aborted && !ending.aborted)
          log.warning(`A call was cancelled midway, and was carried to its end: ${became}`, {
            [fieldOf(resource)]: context.mask(place[resource.argument] ?? ""),
          });
      };
      const shielded = callOf({ ...context, ...readsOf(atlas, ending) }, subject, services, {
        ...talk,
        signal: ending,
      });
      try {
        const done = await work(shielded);
        report("it was done");
        return done;
      } catch (error) {
        const { message, circumstances } = failureOf(error, subject);
        report(circumstances.left === undefined ? message : `${sentence(message)} ${circumstances.left}`);
        throw error;
      }
    },
    stopping: (stopped) => restarts.add(stopped),
    permit: (requests) => told(atlas.permit(requests, signal)),
    create: (what) => told(create(call, what)),
    update: (what) => told(update(call, what)),
    remove: (what) => told(remove(call, what)),
    changeState: (what) => told(changeState(call, what)),
    untilSettled: (latest, find, wait) => untilSettled(call, latest, find, wait),
    about: (part) => callOf(context, part, services, talk),
    now: () => atlas.clock.now(),
    pause: (milliseconds) => atlas.clock.sleep(milliseconds, signal),
    planned: (request, partsOf = () => []) =>
      planRequest(request, context.settings.baseUrl, (body) => call.visible(body, [], partsOf)),
  };
  return dry ? { ...call, ...foreseenWrites(call, dry) } : call;
}
