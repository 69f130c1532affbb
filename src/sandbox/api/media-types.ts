/** The versioned media types of the Admin API, both ways. */
import type { RequestHead } from "../http.ts";
import { ApiError } from "./api-error.ts";

const vendorType = /^application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json$/;

/**
 * The media type to answer in: that of the newest of the endpoint's versions that is not newer than the date in
 * `Accept`. Throws the 406 when `Accept` names no such date, or one from before the endpoint existed.
 */
export function negotiate({ headers }: RequestHead, versions: readonly string[]): string {
  const accepted = (headers["accept"] ?? "").split(",").map(withoutParameters);
  const date = accepted.map((type) => vendorType.exec(type)?.[1]).find((found) => found !== undefined);
  const version = date === undefined ? undefined : versions.findLast((candidate) => candidate <= date);
  if (version !== undefined) return `application/vnd.atlas.${version}+json`;
  throw new ApiError(
    406,
    "VERSION_NOT_ACCEPTABLE",
    `Accept must be application/vnd.atlas.YYYY-MM-DD+json with a date from ${versions[0]} on.`,
    { parameters: [headers["accept"] ?? ""] },
  );
}

/** Throws the 415 when a request that carries a body says it is anything but JSON. */
export function requireJson({ method, headers }: RequestHead): void {
  if (method !== "POST" && method !== "PATCH") return;
  const contentType = withoutParameters(headers["content-type"] ?? "");
  if (contentType === "application/json" || vendorType.test(contentType)) return;
  throw new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON.", { parameters: [contentType] });
}

function withoutParameters(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}
