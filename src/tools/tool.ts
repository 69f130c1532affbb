/** What a tool is: a value that says what it takes and gives, and a function that does it. It knows no protocol. */
import type { z } from "zod/v3";
import type { Atlas } from "../atlas/atlas.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../log.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { AskedSecrets } from "./asked-secrets.ts";
import type { PersonAnswer, PersonNeeded } from "./person.ts";
import type { Result } from "./result.ts";

/** What every tool works with; one for the process. */
export interface Services {
  settings: Settings;
  atlas: Atlas;
  redactor: Redactor;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** What is still being found out about writes whose calls were cancelled. */
  abandoned: Set<Promise<unknown>>;
  /** The pages on which people type secrets. */
  asked: AskedSecrets;
  /** A line for agents on what is special about where this server is connected to. */
  note?: string;
}

/** How far a call is: `progress` rises from one report to the next. */
export interface Progress {
  progress: number;
  total?: number;
  message: string;
}

/** What a tool knows of the call it serves. */
export interface CallContext {
  /** Aborted when the client cancels the call or goes away; its reason is an `AtlasFailure` of kind `cancelled`. */
  signal: AbortSignal;
  /** Tells the client how far the call is; absent where it did not ask to be told. */
  progress?: (progress: Progress) => void;
  /** Whether the client can have a person open a page. */
  canOpenPages: boolean;
  /** What came of the page that this call asked for when it was entered before. */
  answer?: PersonAnswer;
  /** Keeps a secret out of everything that leaves the process, until the call has ended. */
  keepSecret: (secrets: Iterable<string>) => void;
}

/** Hints to the client; @see https://modelcontextprotocol.io/specification/2025-11-25/schema (ToolAnnotations) */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** The hints of a tool that only reads. */
export const readOnly: Annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

export interface Tool {
  name: string;
  title: string;
  description: string;
  annotations: Annotations;
  /** The arguments as published; they are checked more closely, and more leniently, by `call`. */
  input: z.AnyZodObject;
  output: z.AnyZodObject;
  /**
   * Gives `PersonNeeded` where a person has to open a page first; the call is then entered again with the answer.
   * @throws {InvalidInput} for arguments that cannot be used; nothing was sent then.
   * @throws {AtlasFailure} for everything that goes wrong after that.
   */
  call(args: unknown, services: Services, context: CallContext): Promise<Result | PersonNeeded>;
}
