/** What a tool gives back: the parts of success and failure, one schema for both. */
import { z } from "zod/v3";
import type { FailureKind } from "../atlas/failure.ts";
import type { JsonObject } from "../json.ts";
import { ownWords, unlisted } from "../schema/fields.ts";

/** Every kind of failure that an agent can meet, and what it means to people. */
export const errorMeanings = {
  invalid_input: "The arguments cannot be used; nothing was sent. `fields` names each one and what is allowed",
  configuration: "A setting of the server is missing or wrong, such as its credentials",
  bad_request: "Atlas refused what was sent (400)",
  unauthenticated: "Atlas refused the server's credentials (401)",
  forbidden:
    "The credentials lack a role on the project (403), or the policy's rule (`rule`) does not allow it; `allowed` says what it allows",
  not_found:
    "There is no such project, workspace, connection or processor; the hint says which, and what there is (404)",
  conflict: "The name belongs to something else; the result shows it, and `fields` the differences (409)",
  rate_limited: "Too many requests; wait for `retryAfterSeconds` (429)",
  atlas_error: "Atlas or a proxy has a problem (5xx and other statuses)",
  network: "Atlas cannot be reached, or the exchange broke off; a write was not there when looked for",
  timeout: "Atlas did not answer in time; a write was not there when looked for",
  unknown_outcome: "It may have happened, and this could not be checked. Repeating the call is safe, and tells",
  cancelled: "The client or the person cancelled the call",
} as const satisfies Record<FailureKind | "invalid_input", string>;

export type ErrorKind = keyof typeof errorMeanings;

const isErrorKind = (kind: string): kind is ErrorKind => Object.hasOwn(errorMeanings, kind);
const [firstKind, ...otherKinds] = Object.keys(errorMeanings).filter(isErrorKind);

/** An object that Atlas fills in. What it holds is described and not promised: nothing that Atlas shows is validated away. */
export const someObject = (description: string) => z.record(z.unknown()).optional().describe(description);

/** A list of such objects; `description` names their fields. */
export const entries = (description: string) => z.array(z.record(z.unknown())).optional().describe(description);

/** The error in a result. What Atlas says of it is passed on beside what is named here. */
export const errorSchema = z
  .object({
    kind: z.enum([firstKind ?? "invalid_input", ...otherKinds]).describe("What went wrong"),
    fields: z
      .array(z.object({ path: z.string().describe("Argument at fault") }).passthrough())
      .optional()
      .describe("{path, message}"),
    retryable: z.boolean().describe("Whether to repeat it as it is"),
    hint: z.string().describe("What to do next"),
  })
  .passthrough();

export interface ErrorFacts {
  kind: ErrorKind;
  /** Finds the call's lines on the log. */
  requestId?: string;
  /** HTTP status. */
  status?: number;
  errorCode?: string;
  detail?: string;
  reason?: string;
  parameters?: unknown[];
  fields?: { path: string; message: string }[];
  /** The rule of the policy that refused it, and what that allows. */
  rule?: string;
  allowed?: readonly string[];
  retryable: boolean;
  retryAfterSeconds?: number;
  hint: string;
}

export const warnings = z.array(z.string()).optional().describe("To pass on");

/** What a tool gives back, but for the place and the warnings. */
export type RunOutcome = JsonObject & { outcome: string; summary: string };

/** A write as a dry run shows it. */
const request = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string()),
  body: z.unknown(),
});

export type PlannedRequest = z.output<typeof request>;

/** The part of a result that holds the planned request. */
export const plannedRequest = ownWords(unlisted(request.optional()));

/** What the result of a dry run has beside that of a run. */
export const dryOutput = { wouldBe: ownWords(unlisted(z.string().optional())), request: plannedRequest };
