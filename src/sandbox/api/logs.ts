/** The downloads of a workspace's logs: gzip files of JSON lines in the form of MongoDB's own logs. */
import { gzipSync } from "node:zlib";
import { sandboxCredentials } from "../credentials.ts";
import type { AuditLine, LogLine } from "../data/state.ts";
import { ApiError } from "./api-error.ts";
import { type Handler, type RoutedRequest, workspaceOf } from "./handler.ts";

/** How far back the logs go where no start is asked for. */
const THIRTY_DAYS = 30 * 24 * 60 * 60;

/** What was logged for people who run a processor. */
export const downloadOperationalLogs: Handler = (request, state) =>
  archive(request, workspaceOf(request, state).logs, entry);

/** What was done by whom. */
export const downloadAuditLogs: Handler = (request, state) =>
  archive(
    request,
    workspaceOf(request, state).audit.map((line) => ({ ...line, processorName: line.to["processorName"] })),
    auditEntry,
  );

/** Lines of `spName`, or of every processor where that is empty, from the second `startDate` to the second `endDate`. */
function archive<Line extends { at: number; processorName?: string | undefined }>(
  request: RoutedRequest,
  lines: readonly Line[],
  view: (line: Line) => unknown,
): Buffer {
  const { spName = "" } = request.query;
  const now = Math.floor(Date.now() / 1000);
  const startDate = seconds(request, "startDate", now - THIRTY_DAYS);
  const endDate = seconds(request, "endDate", now);
  if (startDate > endDate) throw invalidQuery("startDate", "must not be after endDate");
  const asked = lines.filter(({ at, processorName }) => {
    const second = Math.floor(at / 1000);
    return second >= startDate && second <= endDate && (spName === "" || spName === processorName);
  });
  return gzipSync(asked.map((line) => `${JSON.stringify(view(line))}\n`).join(""));
}

/** @see https://www.mongodb.com/docs/manual/reference/log-messages/#structured-logging */
function entry({ at, severity, processorName, message }: LogLine) {
  return {
    t: { $date: new Date(at).toISOString() },
    s: severity,
    c: "STREAMS",
    ctx: processorName,
    msg: message,
    attr: { streamProcessorName: processorName },
  };
}

/** @see https://www.mongodb.com/docs/manual/reference/audit-message/ */
function auditEntry({ at, action, to, result }: AuditLine) {
  return {
    atype: action,
    ts: { $date: new Date(at).toISOString() },
    users: [{ user: sandboxCredentials.clientId, db: "$external" }],
    param: to,
    result,
  };
}

function seconds({ query }: RoutedRequest, name: string, otherwise: number): number {
  const text = query[name];
  if (text === undefined) return otherwise;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw invalidQuery(name, "must be a number of seconds since 1970");
}

function invalidQuery(name: string, what: string): ApiError {
  return new ApiError(400, "INVALID_QUERY_PARAMETER", `The query parameter ${name} ${what}.`, { parameters: [name] });
}
