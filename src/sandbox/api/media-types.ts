/** The versioned media types of the Admin API, both ways. */
import type { ReceivedRequest, RequestHead } from "../http.ts";
import { ApiError } from "./api-error.ts";

/** What an endpoint answers in: nearly all in JSON, a download of logs in a compressed file. */
export type AnswerFormat = "json" | "gzip";

const vendorType = /^application\/vnd\.atlas\.(?<date>\d{4}-\d{2}-\d{2})\+(?<format>json|gzip)$/;

/**
 * The media type to answer in: that of the newest of the endpoint's versions that is not newer than the date in
 * `Accept`. Throws the 406 when `Accept` names no such date, one from before the endpoint existed, or another format.
 */
export function negotiate({ headers }: RequestHead, versions: readonly string[], format: AnswerFormat): string {
  const accepted = (headers["accept"] ?? "").split(",").map(withoutParameters);
  const date = accepted.map((type) => vendorType.exec(type)?.groups).find((found) => found?.["format"] === format)?.[
    "date"
  ];
  const version = date === undefined ? undefined : versions.findLast((candidate) => candidate <= date);
  if (version !== undefined) return `application/vnd.atlas.${version}+${format}`;
  throw new ApiError(
    406,
    "VERSION_NOT_ACCEPTABLE",
    `Accept must be application/vnd.atlas.YYYY-MM-DD+${format} with a date from ${versions[0]} on.`,
    { parameters: [headers["accept"] ?? ""] },
  );
}

/** Throws the 415 when a request that carries a body says it is anything but JSON. */
export function requireJson({ headers, body }: ReceivedRequest): void {
  if (body === undefined) return;
  const contentType = withoutParameters(headers["content-type"] ?? "");
  if (contentType === "application/json" || vendorType.exec(contentType)?.groups?.["format"] === "json") return;
  throw new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON.", { parameters: [contentType] });
}

function withoutParameters(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}
