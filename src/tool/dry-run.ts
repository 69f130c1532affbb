/**
 * Dry runs. A tool does in one what it does in a run, on a call that sends no write: each comes to what reads can tell of
 * it, so that a dry run says what the run would say. It shows exactly what would be sent, with every secret masked.
 */
import { z } from "zod/v3";
import { type AtlasRequest, type Find, headersOf } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { userAgent } from "../atlas/http.ts";
import { lookUp } from "../atlas/pages.ts";
import { isObject, type JsonObject } from "../json.ts";
import { MASK } from "../mask.ts";
import { withTrait } from "../schema/fields.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Call, FullCall } from "./context.ts";
import { Absent } from "./resource.ts";
import type { ErrorFacts, PlannedRequest, RunOutcome } from "./result.ts";
import { untilSettled } from "./wait.ts";
import { refuseAnother } from "./write.ts";

/** The argument that asks for a dry run. */
export const dryRun = withTrait(z.boolean().default(false).describe("Only plan"), {
  alsoCalled: ["preview", "plan", "simulate", "validateonly", "checkonly"],
});

/** What a dry run finds on its way: the write that would be sent; a start or a stop where it is the only one. */
export interface DryRun {
  request?: PlannedRequest;
}

/** The writes of a call that is a dry run. */
export function foreseenWrites(
  call: FullCall,
  dry: DryRun,
): Pick<Call, "create" | "update" | "remove" | "changeState" | "untilSettled" | "stopping"> {
  const plan = async (request: AtlasRequest, partsOf?: PartsOf) => {
    dry.request = call.planned(request, partsOf);
    await call.permit([request]);
  };
  const found = async (find: Find, name: string): Promise<JsonObject | Absent> => {
    if (!("lists" in find)) return call.unlessAbsent(call.find(find), name);
    const there = await lookUp(find, call.read);
    return isObject(there) ? there : new Absent(name, undefined);
  };
  return {
    async create(what) {
      await plan(what.request, what.partsOf);
      const existing = await found(what.find, what.name);
      if (existing instanceof Absent) return { outcome: "created", latest: {} };
      refuseAnother(call, what, existing, new AtlasFailure("conflict", "The name is taken"));
      return { outcome: "already_exists", latest: existing };
    },
    async update({ request, partsOf }) {
      await plan(request, partsOf);
      return {};
    },
    async remove({ request, find, name, unseen }) {
      const existing = unseen ? undefined : await found(find, name);
      if (existing instanceof Absent) return existing;
      await plan(request);
      return "deleted";
    },
    async changeState({ request }) {
      dry.request ??= call.planned(request);
      await call.permit([request]);
    },
    // What was not written shows nothing, and nothing is waited for but a state that passes at once.
    untilSettled: async (latest, find, wait) =>
      wait?.within !== undefined && latest["state"] !== undefined ? untilSettled(call, latest, find, wait) : latest,
    stopping: () => () => {},
  };
}

/** Failures of looking, which do not tell what a run would say. */
const UNTOLD: ReadonlySet<string> = new Set(["network", "timeout", "rate_limited", "unknown_outcome", "cancelled"]);

/** The result of a dry run, of what the same call came to that sent nothing. */
export function asPlanned(result: CallOutcome, { request }: DryRun, warn: (message: string) => void): CallOutcome {
  const { outcome, error, ...fields } = result;
  const planned = request && { request };
  if (!error) {
    if (outcome === "planned") return { ...planned, ...result };
    return { outcome: planned ? "planned" : outcome, ...fields, wouldBe: outcome, ...planned };
  }
  const { kind, status, fields: notes = [], hint } = error;
  const isOfAtlas = kind === "atlas_error" && status !== undefined;
  if (UNTOLD.has(kind) || isOfAtlas) return result;
  if (kind !== "conflict" && kind !== "atlas_error") return { ...result, wouldBe: kind };
  // What Atlas has is known, and it is in the way.
  for (const { path, message } of notes) warn(`${path}: ${message}`);
  const summary = `Would fail (${kind}): ${result.summary} Nothing was sent. ${hint}`;
  return { outcome: "planned", ...fields, summary, wouldBe: kind, ...planned };
}

type CallOutcome = RunOutcome & { error?: ErrorFacts };

export function planRequest(
  request: AtlasRequest,
  baseUrl: string,
  maskBody: (body: unknown) => unknown,
): PlannedRequest {
  const { method, path, body } = request;
  return {
    method,
    url: baseUrl + path,
    headers: { ...headersOf(request), "user-agent": userAgent, authorization: MASK },
    ...(body !== undefined && { body: maskBody(body) }),
  };
}
