/** Reads Atlas's answers: takes off the envelope, parses JSON, makes a failure of an error. */
import { isObject } from "../json.ts";
import type { Mask } from "../mask.ts";
import { AtlasFailure, type FailureFacts, meaningOf } from "./failure.ts";
import type { Operation } from "./operations.ts";

/** An HTTP answer as it came. */
export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
}

/** An answer after its envelope was taken off. */
export interface Answer extends RawAnswer {
  /** Undefined where the answer is no JSON. */
  body: unknown;
  /** Empty where the answer is an archive, of which only `bytes` tells anything. */
  text: string;
  /** How many entries of a list a policy hides. */
  leftOut?: number;
}

/** The form in which a request asks for its answer. */
export interface AnswerForm {
  /** Whether the request says `envelope=true`. */
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
  // A refusal is JSON or a page, even where an archive was requested.
  if (format === "gzip" && isSuccess(raw)) return { ...raw, body: undefined, text: "" };
  const text = textOf(raw.bytes);
  const body = parseJson(raw, text);
  if (envelope && isObject(body) && typeof body["status"] === "number") {
    const { status, content, ...rest } = body;
    return { ...raw, text, status, body: content ?? rest };
  }
  return { ...raw, text, body };
}

/** Whether Atlas did what the request says. */
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
 * The failure that a non-2xx answer to an operation stands for. What Atlas or a proxy says is masked here, before any of it gets into a
 * sentence.
 */
export function failureOf(answer: Answer, now: number, mask: Mask, operation?: Operation): AtlasFailure {
  const facts: FailureFacts = { status: answer.status, ...errorFacts(answer, mask), ...(operation && { operation }) };
  // Of a 503, only `Retry-After` says that Atlas did not act.
  const reset = answer.status === 429 ? answer.headers["ratelimit-reset"] : undefined;
  const retryAfterSeconds = retryAfter(answer.headers["retry-after"] ?? reset, now);
  if (retryAfterSeconds !== undefined) facts.retryAfterSeconds = retryAfterSeconds;
  const { kind, passes } = meaningOf(facts);
  if (passes) facts.retryable = true;
  const said = facts.detail ?? facts.reason ?? facts.errorCode;
  return new AtlasFailure(kind, `Atlas answered ${answer.status}${inMessage(said)}`, facts);
}

/** What was said, as the end of a message. A message has no full stop, since more may follow it. */
export const inMessage = (said: string | undefined): string => (said ? `: ${said.replace(/\.$/, "")}` : "");

/** Of an answer that is no JSON, this many characters are searched for secrets. */
const SEARCHED_CHARACTERS = 16_000;
/** Of those, this many are repeated. */
const EXCERPT_CHARACTERS = 200;
/** A text that was cut off may end inside a secret, which nothing recognises then: so many characters are left out there. */
const UNSURE_CHARACTERS = 600;

/** Secrets are masked first: without its line breaks and tags, a secret is not the same any more. */
function excerptOf(answer: string, mask: Mask): string {
  const searched = answer.slice(0, SEARCHED_CHARACTERS);
  const masked = mask(searched);
  const isWhole = searched.length < SEARCHED_CHARACTERS;
  const sure = isWhole ? masked.length : Math.max(0, masked.length - UNSURE_CHARACTERS);
  return plainText(masked.slice(0, sure)).slice(0, EXCERPT_CHARACTERS);
}

/** The text of a page, on one line. */
function plainText(page: string): string {
  return page
    .replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** The longest text that is repeated whole, and the longest list, in characters of JSON. */
const LONGEST_TEXT = 2_000;
const LONGEST_LIST = 20_000;

/** A text that is masked already, or its beginning, in which no mask and no character is cut. */
export function beginning(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT - 1).replace(/(?<!\*)\*{1,2}$|[\ud800-\udbff]$/, "")}…`;
}

/** As many of the first as make no long list. */
function firstOf<T>(list: readonly T[]): T[] {
  let left = LONGEST_LIST;
  return list.filter((each) => {
    left -= JSON.stringify(each)?.length ?? 0;
    return left >= 0;
  });
}

/** Atlas's own words of an error body, or an excerpt of one that is no JSON. */
function errorFacts({ body, text }: Answer, mask: Mask): FailureFacts {
  if (!isObject(body)) {
    const excerpt = excerptOf(text, mask);
    return excerpt === "" ? {} : { excerpt };
  }
  const told = (value: unknown) => beginning(mask(String(value ?? "")));
  const facts: FailureFacts = { structured: true };
  for (const key of ["errorCode", "detail", "reason"] as const) {
    const value = body[key];
    if (typeof value === "string") facts[key] = told(value);
  }
  if (Array.isArray(body["parameters"]))
    facts.parameters = firstOf(
      body["parameters"].map((parameter) => {
        if (typeof parameter === "string") return told(parameter);
        const masked = maskedWhole(parameter, mask);
        const json = JSON.stringify(masked);
        return json.length > LONGEST_TEXT ? beginning(json) : masked;
      }),
    );
  const bad = body["badRequestDetail"];
  if (isObject(bad) && Array.isArray(bad["fields"]))
    facts.fields = firstOf(
      bad["fields"].filter(isObject).map(({ field, description }) => ({
        field: told(field),
        description: told(description),
      })),
    );
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
 * Seconds to wait by a `Retry-After` header, which has seconds or a date; undefined where there is none that can be
 * read. @see RFC 9110, section 10.2.3
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  // `Date.parse` makes a date of almost anything; each of HTTP's formats begins with a day's name.
  const date = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
