/** An answer of Atlas, read: the envelope taken off, JSON parsed where it is JSON, an error body turned into a failure. */
import { isObject } from "../json.ts";
import type { Mask } from "../mask.ts";
import { AtlasFailure, type FailureFacts, kindOfStatus } from "./failure.ts";

/** An HTTP answer as it came. */
export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
}

/** An answer after its envelope was taken off. */
export interface Answer extends RawAnswer {
  /** Undefined where the answer was no JSON. */
  body: unknown;
  /** Empty where the answer is the archive that was asked for, of which only `bytes` tells anything. */
  text: string;
}

/** How an answer was asked for. */
export interface AnswerForm {
  /** Whether `envelope=true` was asked for. */
  envelope: boolean;
  /** What the answer comes as; `json` where this is left out. */
  format?: "json" | "gzip";
}

/**
 * Reads an answer. With `envelope`, `{status, content}` counts as an answer of that status with that content, and a
 * list's own `status` beside `results` is taken off.
 * @see https://www.mongodb.com/docs/atlas/api/api-features/ (response envelopes)
 */
export function readAnswer(raw: RawAnswer, { envelope, format }: AnswerForm): Answer {
  // Refusals are JSON or a page, whatever was asked for.
  if (format === "gzip" && isSuccess(raw)) return { ...raw, body: undefined, text: "" };
  const text = textOf(raw.bytes);
  const body = parseJson(raw, text);
  if (envelope && isObject(body) && typeof body["status"] === "number") {
    const { status, content, ...rest } = body;
    return { ...raw, text, status, body: content ?? rest };
  }
  return { ...raw, text, body };
}

/** Whether Atlas did what it was asked. */
export const isSuccess = ({ status }: Pick<RawAnswer, "status">): boolean => status >= 200 && status <= 299;

/** A body as text, without a byte order mark. */
const textOf = (bytes: Buffer): string => bytes.toString().replace(/^\uFEFF/, "");

function parseJson({ headers }: RawAnswer, text: string): unknown {
  if (!/[/+]json\b/i.test(headers["content-type"] ?? "")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The failure that a non-2xx answer stands for. `mask` hides secrets in what Atlas or a proxy says, which is done here,
 * before any of it gets into a sentence.
 */
export function failureOf(answer: Answer, now: number, mask: Mask): AtlasFailure {
  const facts: FailureFacts = { status: answer.status, ...errorFacts(answer, mask) };
  // Of a 503, only `Retry-After` says that Atlas did not act.
  const reset = answer.status === 429 ? answer.headers["ratelimit-reset"] : undefined;
  const retryAfterSeconds = retryAfter(answer.headers["retry-after"] ?? reset, now);
  if (retryAfterSeconds !== undefined) facts.retryAfterSeconds = retryAfterSeconds;
  if (answer.status === 429 || answer.status >= 500) facts.retryable = true;
  const said = facts.detail ?? facts.reason ?? facts.errorCode;
  return new AtlasFailure(
    kindOfStatus(answer.status),
    `Atlas answered ${answer.status}${said ? `: ${said}` : ""}`,
    facts,
  );
}

/** Characters of an answer that is no JSON that are searched for secrets. */
const LONGEST_EXCERPT = 16_000;
/** Characters of it that are shown. */
const EXCERPT_CHARACTERS = 200;
/** An excerpt that was cut short may end inside a secret, which nothing recognises then: that many characters at its end are not shown. */
const UNSURE_CHARACTERS = 600;

/** Secrets are masked before anything is taken out: without its line breaks and tags, a secret is not the same any more. */
function shownExcerpt(excerpt: string, mask: Mask): string {
  const masked = mask(excerpt);
  const sure = excerpt.length < LONGEST_EXCERPT ? masked.length : Math.max(0, masked.length - UNSURE_CHARACTERS);
  return plainText(masked.slice(0, sure)).slice(0, EXCERPT_CHARACTERS);
}

/** The text of a page, on one line. */
function plainText(page: string): string {
  return page
    .replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Atlas's own words of an error body, or an excerpt of one that is no JSON. */
function errorFacts({ body, text }: Answer, mask: Mask): FailureFacts {
  if (!isObject(body)) {
    const excerpt = shownExcerpt(text.slice(0, LONGEST_EXCERPT), mask);
    return excerpt === "" ? {} : { excerpt };
  }
  const facts: FailureFacts = { structured: true };
  for (const key of ["errorCode", "detail", "reason"] as const) {
    const value = body[key];
    if (typeof value === "string") facts[key] = mask(value);
  }
  if (Array.isArray(body["parameters"]))
    facts.parameters = body["parameters"].map((parameter) => maskedWhole(parameter, mask));
  const bad = body["badRequestDetail"];
  if (isObject(bad) && Array.isArray(bad["fields"]))
    facts.fields = bad["fields"].filter(isObject).map(({ field, description }) => ({
      field: mask(String(field ?? "")),
      description: mask(String(description ?? "")),
    }));
  return facts;
}

/** A value with everything in it masked, its keys included. */
function maskedWhole(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskedWhole(item, mask));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mask(key), maskedWhole(inner, mask)]));
}

/**
 * Seconds to wait by a `Retry-After` header, given in seconds or as a date, or undefined where there is none that
 * can be read. @see RFC 9110, section 10.2.3
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  // `Date.parse` makes a date of almost anything; each of HTTP's formats begins with a day's name.
  const date = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
