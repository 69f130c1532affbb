/** What a tool gives back: the shapes of success and failure, one schema for both. */
import { z } from "zod/v3";
import type { FailureKind } from "../atlas/failure.ts";

/** Every kind of failure that an agent can meet. */
export const errorKinds = [
  "invalid_input",
  "configuration",
  "bad_request",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "rate_limited",
  "atlas_error",
  "network",
  "timeout",
  "unknown_outcome",
  "cancelled",
] as const satisfies readonly (FailureKind | "invalid_input")[];

export type ErrorKind = (typeof errorKinds)[number];

/** What each kind means, for people. */
export const errorMeanings: Record<ErrorKind, string> = {
  invalid_input: "The arguments cannot be used; nothing was sent. `fields` names each one and what is allowed",
  configuration: "A setting of the server is missing or wrong, such as its credentials",
  bad_request: "Atlas refused the connection as it is (400)",
  unauthenticated: "Atlas refused the server's credentials (401)",
  forbidden: "The credentials lack a role on the project (403)",
  not_found: "There is no such project or no such workspace; the hint says which, and what there is (404)",
  conflict: "The name belongs to another connection; `connection` shows it, `fields` the differences (409)",
  rate_limited: "Too many requests; wait for `retryAfterSeconds` (429)",
  atlas_error: "Atlas or a proxy has a problem (5xx and other statuses)",
  network: "Atlas cannot be reached, or the connection broke before anything happened",
  timeout: "Atlas did not answer in time, and nothing happened",
  unknown_outcome: "It may have happened, and could not be checked. Repeating the call tells, and is safe",
  cancelled: "The client or the person cancelled the call",
};

/** The facts of a failure. What Atlas says of it is passed on beside what is named here. */
export const errorSchema = z
  .object({
    kind: z.enum(errorKinds).describe("What went wrong"),
    fields: z.array(z.object({}).passthrough()).optional().describe("{path, message} of each argument at fault"),
    retryable: z.boolean().describe("Whether to repeat it as it is"),
    hint: z.string().describe("What to do next"),
  })
  .passthrough();

/** The same where one tool's list has shown it already: agents pay for every byte of it. */
export const anyError = z.object({}).passthrough().optional().describe("As in create_stream_connection");

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
  retryable: boolean;
  retryAfterSeconds?: number;
  hint: string;
}

/** The result of `create_stream_connection`; a dry run adds `request`. */
export const createResultSchema = z
  .object({
    outcome: z.enum(["created", "already_exists", "planned", "failed"]).describe("What happened"),
    summary: z.string().describe("For a person"),
    connection: z.object({}).passthrough().optional().describe("As Atlas shows it"),
    project: z.object({}).passthrough().optional().describe("Where"),
    warnings: z.array(z.string()).optional().describe("To pass on"),
    error: errorSchema.optional().describe("Why it failed"),
  })
  .passthrough();

/** Any tool's result. */
export interface Result {
  outcome: string;
  summary: string;
  connection?: Record<string, unknown> | undefined;
  error?: ErrorFacts | undefined;
  [field: string]: unknown;
}
