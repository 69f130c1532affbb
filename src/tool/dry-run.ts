/** A write as a dry run shows it: exactly what would be sent, with every secret masked. */
import { z } from "zod/v3";
import { type AtlasRequest, headersOf } from "../atlas/endpoints.ts";
import { userAgent } from "../atlas/http.ts";
import type { JsonObject } from "../json.ts";
import { MASK } from "../mask.ts";
import { ownWords, unlisted, withTrait } from "../schema/fields.ts";
import { Absent } from "./resource.ts";

const request = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string()),
  body: z.unknown(),
});

export type PlannedRequest = z.output<typeof request>;

/** The argument that asks for a dry run. */
export const dryRun = withTrait(z.boolean().default(false).describe("Only plan"), {
  alsoCalled: ["preview", "plan", "simulate", "validateonly", "checkonly"],
});

/** What would come of a create, by what has the name and where that is not what was requested. */
export function wouldBe(
  existing: JsonObject | Absent,
  differences: (existing: JsonObject) => readonly unknown[],
): "created" | "already_exists" | "conflict" {
  if (existing instanceof Absent) return "created";
  return differences(existing).length > 0 ? "conflict" : "already_exists";
}

/** The part of a result that holds the planned request. */
export const plannedRequest = ownWords(unlisted(request.optional()));

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
