/**
 * Operational and audit logs, as Atlas gives them to download: unpacked up to a limit, and what they say counted. Only the
 * archives are documented (`downloadOperationalLogs`, `auditLogs`), not their lines, so what a line says is looked for
 * under the names that logs usually have for it.
 */
import { createGunzip } from "node:zlib";
import { AtlasFailure } from "../atlas/failure.ts";
import { isObject, type JsonObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";

/** Lines that say the same but for the numbers, ids and quoted values in them. */
export interface LoggedError {
  /** As the newest of them says it, on one line. */
  message: string;
  count: number;
  /** When the newest of them was logged, as ISO 8601 in UTC; absent where no line tells a time. */
  last?: string;
}

export interface OperationalLogs {
  /** How many were read. */
  lines: number;
  /** Newest first. */
  errors: LoggedError[];
  /** What else was logged, newest first. */
  others: LoggedError[];
  /** When the processor was last told to start, where the logs say it. */
  startedAt?: string;
  /** The logs are longer than what was read of them. */
  truncated: boolean;
}

interface LogReadOptions {
  /** Hides secrets in a message. It is asked before a message is cut, since nothing recognises half a secret. */
  mask: Mask;
  /** How much is unpacked at most, in bytes. */
  limitBytes?: number;
}

const LIMIT_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const MAX_GROUPS = 20;
/** Of lines that are no errors there can be very many, and the older ones say little. */
const NEWEST_OTHERS = 2_000;
/** Characters of a message that an agent sees. */
const VIEW_CHARACTERS = 300;
/** Characters of a message that are looked at. */
const MESSAGE_CHARACTERS = 4_000;
/** At the end of a message that is longer than that, a secret may be cut, so this many characters of it are left out. */
const UNSURE_CHARACTERS = 600;

/**
 * Reads the archive. What is beyond the limit is not unpacked.
 * @throws {AtlasFailure} `atlas_error` where it is no archive, or a broken one.
 */
export async function readOperationalLogs(
  bytes: Buffer,
  { mask, limitBytes = LIMIT_BYTES }: LogReadOptions,
): Promise<OperationalLogs> {
  if (bytes.length === 0) return { lines: 0, errors: [], others: [], truncated: false };
  const { text, truncated } = await unpack(bytes, limitBytes);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const read = readAll(lines);
  const started = read.findLast(({ message, isError }) => !isError && TELLS_START.test(message))?.at;
  const viewsOf = (entries: readonly Entry[]) =>
    groupsOf(entries, ({ message }) => patternOf(message))
      .slice(0, MAX_GROUPS)
      .map((group) => viewOf(group, mask));
  return {
    lines: lines.length,
    errors: viewsOf(read.filter(({ isError }) => isError)),
    others: viewsOf(read.filter(({ isError }) => !isError).slice(-NEWEST_OTHERS)),
    ...(started !== undefined && { startedAt: new Date(started).toISOString() }),
    truncated,
  };
}

/** What one line says, or several that say the same; the newest of them. */
export interface LogEntry {
  /** ISO 8601 in UTC; absent where no line tells a time. */
  time?: string;
  level?: string;
  /** On one line. */
  message: string;
  /** How many lines say it. */
  count: number;
  processorName?: string;
}

export interface LogEntries {
  entries: LogEntry[];
  /** How many lines were read. */
  lines: number;
  /** The logs are longer than what was read of them. */
  isCut: boolean;
  /** There are more entries than were wanted. */
  hasMore: boolean;
}

interface EntryReadOptions extends LogReadOptions {
  /** Only what has this in its message, in any case. */
  contains?: string | undefined;
  /** How many entries are given at most. */
  limit: number;
}

/** How much of logs is unpacked at most for entries, in bytes. */
export const ENTRY_BYTES = 20 * 1000 * 1000;
/** Characters of an entry's message that an agent sees. */
const ENTRY_CHARACTERS = 1_000;

/**
 * Reads the archive as entries, the newest first. What is looked for is looked for in what is shown: nobody can find out
 * a secret by asking for it.
 * @throws {AtlasFailure} `atlas_error` where it is no archive, or a broken one.
 */
export async function readLogEntries(
  bytes: Buffer,
  { mask, limitBytes = ENTRY_BYTES, contains = "", limit }: EntryReadOptions,
): Promise<LogEntries> {
  if (bytes.length === 0) return { entries: [], lines: 0, isCut: false, hasMore: false };
  const { text, truncated } = await unpack(bytes, limitBytes);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const wanted = contains.trim().replace(/\s+/g, " ").toLowerCase();
  const has = (message: string) => message.replace(/\s+/g, " ").toLowerCase().includes(wanted);
  // What is shown is what was logged but for the masks, so most lines need not be masked to be left out.
  const mayHave = (message: string) => wanted.includes("*") || has(message);
  const entries: LogEntry[] = [];
  let hasMore = false;
  for (const group of groupsOf(readAll(lines), sameEntry)) {
    if (!mayHave(group.message)) continue;
    const message = oneLine(group.message, mask, ENTRY_CHARACTERS);
    if (!has(message)) continue;
    hasMore = entries.length === limit;
    if (hasMore) break;
    const { at, level, processorName, count } = group;
    entries.push({
      ...(at !== undefined && { time: new Date(at).toISOString() }),
      ...(level !== undefined && { level }),
      message,
      count,
      ...(processorName !== undefined && { processorName }),
    });
  }
  return { entries, lines: lines.length, isCut: truncated, hasMore };
}

const sameEntry = ({ message, level = "", processorName = "" }: Entry) =>
  JSON.stringify([level, processorName, message]);

const TELLS_START = /\bstart(?:ed|ing)\b.*\bprocessor\b|\bprocessor\b.*\bstart(?:ed|ing)\b/i;

async function unpack(bytes: Buffer, limitBytes: number): Promise<{ text: string; truncated: boolean }> {
  const archive = createGunzip({ chunkSize: PIECE_BYTES });
  archive.end(bytes);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    // Leaving the loop ends the unpacking.
    for await (const piece of archive) {
      if (!Buffer.isBuffer(piece)) continue;
      pieces.push(piece);
      length += piece.length;
      if (length > limitBytes) break;
    }
  } catch (error) {
    const message = "Atlas answered with operational logs that cannot be unpacked";
    throw new AtlasFailure("atlas_error", message, { retryable: true }, { cause: error });
  }
  const unpacked = Buffer.concat(pieces);
  if (length <= limitBytes) return { text: unpacked.toString(), truncated: false };
  // What is left of the last line says nothing.
  const end = unpacked.subarray(0, limitBytes).lastIndexOf("\n");
  return { text: unpacked.subarray(0, Math.max(0, end)).toString(), truncated: true };
}

/** A line that says something; `at` in milliseconds since 1970. */
interface Entry {
  message: string;
  isError: boolean;
  at: number | undefined;
  /** `error`, `warning`, `info` and the like. */
  level?: string;
  processorName?: string;
}

interface Group extends Entry {
  count: number;
}

/** The lines that say something. One that tells no time has that of the line before it. */
function readAll(lines: readonly string[]): Entry[] {
  let before: number | undefined;
  return lines.flatMap((line) => {
    const { message, isError = false, at = before, ...more } = readLine(line);
    before = at;
    return message === undefined ? [] : [{ ...more, message, isError, at }];
  });
}

/** Those that have the same key together, newest first. Where times do not tell, what stands further down is newer. */
function groupsOf(entries: readonly Entry[], keyOf: (entry: Entry) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const known = groups.get(key);
    const count = (known?.count ?? 0) + 1;
    const newest = known && timeOf(known) > timeOf(entry) ? known : entry;
    // Taken out first, so that the order of the groups is that of their last lines.
    groups.delete(key);
    groups.set(key, { ...newest, count });
  }
  return [...groups.values()].reverse().sort((a, b) => timeOf(b) - timeOf(a));
}

const timeOf = ({ at }: Pick<Entry, "at">) => at ?? 0;

/** What the messages of one group have in common. */
function patternOf(message: string): string {
  return message
    .slice(0, MESSAGE_CHARACTERS)
    .replace(/"[^"\n]*"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)/g, '""')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "#")
    .replace(/\b(?:0x[0-9a-f]+|(?=[a-f]{0,31}\d)[0-9a-f]{16,})\b/gi, "#")
    .replace(/\d+(?:[.,:]\d+)*/g, "#")
    .replace(/\s+/g, " ");
}

function viewOf({ message, count, at }: Group, mask: Mask): LoggedError {
  return {
    message: oneLine(message, mask, VIEW_CHARACTERS),
    count,
    ...(at !== undefined && { last: new Date(at).toISOString() }),
  };
}

/** A message as an agent sees it: masked, on one line, and an ellipsis in place of what is beyond `longest` characters. */
function oneLine(message: string, mask: Mask, longest: number): string {
  const whole = message.length <= MESSAGE_CHARACTERS;
  const masked = mask(message.slice(0, MESSAGE_CHARACTERS));
  const sure = whole ? masked : masked.slice(0, Math.max(0, masked.length - UNSURE_CHARACTERS));
  const text = sure.replace(/\s+/g, " ").trim();
  if (whole && text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** What a line says, and when it was logged. */
type LogLine = Partial<Entry>;

function readLine(line: string): LogLine {
  const entry = parsed(line);
  return entry ? readEntry(entry, line) : readPlain(line.trim());
}

function parsed(line: string): JsonObject | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const TIMES: readonly Path[] = [["t"], ["timestamp"], ["time"], ["ts"]];
const SEVERITIES: readonly Path[] = [["s"], ["severity"], ["level"]];
const MESSAGES: readonly Path[] = [["msg"], ["message"]];
const PROCESSORS: readonly Path[] = ["streamProcessorName", "processorName", "spName"].flatMap((name) => [
  [name],
  ["attr", name],
  ["param", name],
]);
const CAUSES: readonly Path[] = ["error", "errorMessage", "errorMsg", "errmsg", "reason"].flatMap((name) => [
  [name],
  ["attr", name],
]);

const IS_ERROR = /^(?:E|F|ERR|ERROR|FATAL|CRITICAL|SEVERE)$/i;

function readEntry(entry: JsonObject, line: string): LogLine {
  const at = first(TIMES, entry, millisecondsOf);
  const time = at !== undefined && { at };
  const processor = first(PROCESSORS, entry, sentenceOf);
  const named = processor !== undefined && { processorName: processor };
  const audited = sentenceOf(entry["atype"]);
  if (audited !== undefined) return { ...time, ...named, ...readAudited(audited, entry) };
  const severity = first(SEVERITIES, entry, sentenceOf);
  const cause = first(CAUSES, entry, sentenceOf);
  // A line that tells no severity is an error where it has the text of one.
  const isError = severity === undefined ? cause !== undefined : IS_ERROR.test(severity);
  const message = first(MESSAGES, entry, sentenceOf);
  const both = [message, message && cause && message.includes(cause) ? undefined : cause];
  const level = severity === undefined ? isError && "error" : levelOf(severity);
  return {
    ...time,
    ...named,
    isError,
    ...(level && { level }),
    message: both.filter(Boolean).join(": ") || line.trim(),
  };
}

const LEVELS: readonly [RegExp, string][] = [
  [/^(?:E|ERR)$/i, "error"],
  [/^(?:F|FATAL|CRITICAL|SEVERE)$/i, "fatal"],
  [/^(?:W|WARN)$/i, "warning"],
  [/^I$/i, "info"],
  [/^D\d?$/i, "debug"],
];

const levelOf = (severity: string) =>
  LEVELS.find(([pattern]) => pattern.test(severity))?.[1] ?? severity.toLowerCase().slice(0, 20);

/**
 * A line of an audit log: what was done, by whom, to what, and how it ended (0: it was done).
 * @see https://www.mongodb.com/docs/manual/reference/audit-message/
 */
function readAudited(action: string, { users, param, result }: JsonObject): LogLine {
  const names = (Array.isArray(users) ? users : []).flatMap((each) => sentenceOf(valueAt(each, ["user"])) ?? []);
  const isError = typeof result === "number" && result !== 0;
  const parts = [
    names.length > 0 ? ` by ${names.join(", ")}` : "",
    isObject(param) && Object.keys(param).length > 0 ? `: ${JSON.stringify(param)}` : "",
    isError ? `; failed (${result})` : "",
  ];
  return { isError, level: isError ? "error" : "info", message: `${action}${parts.join("")}` };
}

function first<T>(paths: readonly Path[], entry: JsonObject, read: (value: unknown) => T | undefined): T | undefined {
  for (const path of paths) {
    const value = read(valueAt(entry, path));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A text, or that of an error which is an object. */
function sentenceOf(value: unknown): string | undefined {
  const candidates = isObject(value)
    ? ["message", "errmsg", "reason", "msg", "codeName"].map((key) => value[key])
    : [value];
  for (const candidate of candidates)
    if (typeof candidate === "string" && candidate.trim() !== "") return candidate.trim();
  return undefined;
}

/** Milliseconds since 1970 of a date in text, in a number of seconds or milliseconds, or in MongoDB's extended JSON. */
function millisecondsOf(value: unknown): number | undefined {
  const date = isObject(value) ? (value["$date"] ?? value["$numberLong"]) : value;
  const plain = isObject(date) ? date["$numberLong"] : date;
  if (typeof plain === "number") return inMilliseconds(plain);
  if (typeof plain !== "string") return undefined;
  return /^\d+$/.test(plain) ? inMilliseconds(Number(plain)) : leadingTime(plain).at;
}

/** In seconds, this is the year 5138; in milliseconds, 1973. */
const FIRST_MILLISECONDS = 1e11;

function inMilliseconds(time: number): number | undefined {
  return asTime(Math.abs(time) < FIRST_MILLISECONDS ? time * 1000 : time);
}

/** A time that a date can have. */
const asTime = (time: number) => (Number.isNaN(new Date(time).getTime()) ? undefined : time);

const LEADING_TIME = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?\]?\s*/;

/** The date that a text starts with, and what follows it. One without a zone is taken for UTC. */
function leadingTime(text: string): { at: number | undefined; rest: string } {
  const [whole = "", date, clock, fraction = "0", zone = "Z"] = LEADING_TIME.exec(text) ?? [];
  const at = date === undefined ? undefined : asTime(Date.parse(`${date}T${clock}.${fraction}${zone}`));
  return { at, rest: text.slice(whole.length) };
}

const LEADING_SEVERITY = /^\W*(?:ERROR|FATAL)\b[\s:\]|-]*/i;

function readPlain(line: string): LogLine {
  const { at, rest } = leadingTime(line);
  const isError = /\b(?:ERROR|FATAL)\b/.test(rest) || /(?:^|\blevel=)\W*(?:error|fatal)\b/i.test(rest);
  return {
    ...(at !== undefined && { at }),
    isError,
    ...(isError && { level: "error" }),
    message: isError ? rest.replace(LEADING_SEVERITY, "") || rest : rest,
  };
}
