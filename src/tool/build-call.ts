/** Builds the call that a tool works with, from the services of the process and what the protocol gives for the call. */
import { AtlasFailure } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { isObject } from "../json.ts";
import { maskValue } from "../secrets/parts.ts";
import type { Services } from "../services.ts";
import type { Call, CallContext, FullCall } from "./context.ts";
import { planRequest } from "./dry-run.ts";
import { failureOf, ToolFailure } from "./failure.ts";
import { whatIsMissing } from "./missing.ts";
import type { Subject } from "./resource.ts";
import { untilSettled } from "./wait.ts";
import { changeState, create, remove, update } from "./write.ts";

export function contextOf(
  { atlas, settings, env, redactor }: Services,
  signal: AbortSignal,
  keepSecret: CallContext["keepSecret"],
): CallContext {
  return {
    settings,
    env,
    typed: [],
    keepSecret,
    mask: (name) => redactor.name(name),
    maskText: (text) => redactor.text(text),
    secretPartsIn: (text, path) => redactor.partsOfField(text, path),
    read: (request) => atlas.read(request, signal),
    list: (list) => readPages(atlas, list, signal),
  };
}

/** How a call speaks to its client, and how it hears that it is cancelled. */
type Talk = Pick<FullCall, "signal" | "warn" | "progress" | "canAskPerson" | "askPerson">;

export function callOf(context: CallContext, subject: Subject, services: Services, talk: Talk): Call {
  const { atlas, log, abandoned, redactor } = services;
  const { resource, place } = subject;
  const { signal } = talk;
  /** What goes wrong in it is a failure of the subject. */
  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw failureOf(error, subject);
    });
  const call: FullCall = {
    ...context,
    ...talk,
    ...subject,
    atlas,
    log,
    abandoned,
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
    async leaving(left, work) {
      try {
        return await work;
      } catch (error) {
        if (signal.aborted) log.warning(`A call was cancelled midway. ${left}`);
        throw error;
      }
    },
    create: (what) => told(create(call, what)),
    update: (what) => told(update(call, what)),
    remove: (what) => told(remove(call, what)),
    changeState: (what) => told(changeState(call, what)),
    untilSettled: (latest, find, states) => untilSettled(call, latest, find, states),
    about: (part) => callOf(context, part, services, talk),
    now: () => atlas.clock.now(),
    pause: (milliseconds) => atlas.clock.sleep(milliseconds, signal),
    planned: (request, partsOf = () => []) =>
      planRequest(request, context.settings.baseUrl, (body) => call.visible(body, [], partsOf)),
  };
  return call;
}
