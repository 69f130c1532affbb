/** Builds the call that a tool works with, from the services of the process and what the protocol gives for the call. */
import { unwrapped } from "../atlas/atlas.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { isObject } from "../json.ts";
import { maskValue } from "../secrets/parts.ts";
import type { Services } from "../services.ts";
import type { Call, CallContext, FullCall } from "./context.ts";
import { planRequest } from "./dry-run.ts";
import { ToolFailure } from "./failure.ts";
import { whatIsMissing } from "./missing.ts";
import type { Place, Resource } from "./resource.ts";
import { untilSettled } from "./wait.ts";
import { changeState, create, remove, update } from "./write.ts";

export function contextOf(
  { atlas, settings, env, redactor }: Services,
  signal: AbortSignal,
  typed: CallContext["typed"],
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
type Talk = Pick<FullCall, "signal" | "warn" | "progress" | "canAskPerson" | "askPerson">;

export function callOf(context: CallContext, resource: Resource, place: Place, services: Services, talk: Talk): Call {
  const { atlas, log, abandoned, redactor } = services;
  const { signal } = talk;
  const call: FullCall = {
    ...context,
    ...talk,
    atlas,
    log,
    abandoned,
    resource,
    place,
    visible: (value, path, partsOf) => redactor.value(maskValue(value, partsOf, path), resource.documents, path),
    visiblePath: (path) => redactor.path(path, resource.documents),
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
    async unlessAbsent(work, name) {
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof AtlasFailure) || error.kind !== "not_found") throw error;
        const where = name === undefined ? place : { ...place, [resource.argument]: name };
        const missing = await whatIsMissing(error, resource, where, context);
        if (missing.absent) return missing.absent;
        throw new ToolFailure(error, missing);
      }
    },
    create: (what) => create(call, what),
    update: (what) => update(call, what),
    remove: (what) => remove(call, what),
    changeState: (what) => changeState(call, what),
    untilSettled: (latest, find, states) => untilSettled(call, latest, find, states),
    about: (other, elsewhere) => callOf(context, other, elsewhere, services, talk),
    pause: (milliseconds) => atlas.clock.sleep(milliseconds, signal),
    planned: (request, partsOf = () => []) =>
      planRequest(request, context.settings.baseUrl, (body) => call.visible(body, [], partsOf)),
  };
  return call;
}
