/** What tools that only read do alike: success is `ok`, and a failure says which place is missing. */
import { getConnection, type Workspace } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import { isObject, type JsonObject } from "../json.ts";
import { failedAt } from "./failed-at.ts";
import type { Place } from "./missing-place.ts";
import type { Result } from "./result.ts";
import type { CallContext, Services } from "./tool.ts";

export async function reading(
  place: Place,
  services: Services,
  context: CallContext,
  read: () => Promise<{ summary: string } & Record<string, unknown>>,
): Promise<Result> {
  try {
    return { outcome: "ok", ...(await read()) };
  } catch (error) {
    if (!(error instanceof AtlasFailure)) throw error;
    return failedAt(place, error, services, context);
  }
}

/**
 * A connection as Atlas shows it.
 * @throws {AtlasFailure}
 */
export async function existingConnection(
  place: Workspace,
  name: string,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<JsonObject> {
  const { body, status } = await atlas.read(getConnection(place, name), signal);
  if (isObject(body)) return body;
  throw new AtlasFailure("atlas_error", "Atlas answered with a connection that cannot be read", { status });
}
