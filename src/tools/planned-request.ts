/** A write as a dry run shows it: exactly what would be sent, with every secret masked. */
import { type AtlasRequest, headersOf } from "../atlas/endpoints.ts";
import { userAgent } from "../atlas/http.ts";
import type { Settings } from "../config/settings.ts";
import { isSecretPlace } from "../connections/secret-fields.ts";
import { mapStrings } from "../json.ts";
import { MASK } from "../secrets/mask.ts";

/** Whether what stands at a path is secret: by its place, or since it came from a reference. */
export function secretPlaces(referenced: ReadonlySet<string>): (path: readonly string[]) => boolean {
  return (path) => isSecretPlace(path) || referenced.has(path.join("."));
}

/** `referenced` are dotted paths of strings that came from a reference: they are secret wherever they stand. */
export function plannedRequest(
  request: AtlasRequest,
  referenced: ReadonlySet<string>,
  { baseUrl }: Pick<Settings, "baseUrl">,
) {
  const isSecret = secretPlaces(referenced);
  return {
    method: request.method,
    url: baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent, authorization: MASK },
    ...(request.body !== undefined && {
      body: mapStrings(request.body, (text, path) => (isSecret(path) && text !== "" ? MASK : text)),
    }),
  };
}
