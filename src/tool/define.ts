/** A tool is one value: what it takes and gives, and a function that does it. It knows no protocol. */
import { z } from "zod/v3";
import type { JsonObject } from "../json.ts";
import { noteLine } from "../schema/problems.ts";
import { readArguments } from "./arguments.ts";
import type { Call, CallContext } from "./context.ts";
import { levelsOf, type Place, type Resource } from "./resource.ts";
import { dryOutput, type RunOutcome } from "./result.ts";

/** Hints to the client; @see https://modelcontextprotocol.io/specification/2025-11-25/schema (ToolAnnotations) */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** Of every tool here it is true that it reaches Atlas, and that a second call with the same arguments changes nothing. */
const always = { idempotentHint: true, openWorldHint: true } as const;

const effects = {
  reads: { readOnlyHint: true, destructiveHint: false, ...always },
  adds: { readOnlyHint: false, destructiveHint: false, ...always },
  changes: { readOnlyHint: false, destructiveHint: true, ...always },
} as const satisfies Record<string, Annotations>;

/** What `run` gives: the runner adds the place, and the warnings. */
type RunResult<Outcome extends string, Output extends z.ZodRawShape> = {
  outcome: Outcome;
  summary: string;
} & z.output<z.ZodObject<Output>>;

interface ToolDefinition<Input extends z.AnyZodObject, Outcome extends string, Output extends z.ZodRawShape> {
  name: string;
  /** For an agent: what it does, and when to use it. */
  description: string;
  effect: keyof typeof effects;
  /** What it is about. */
  resource: Resource;
  input: Input;
  /** How it can end, beside `failed`. */
  outcomes: readonly Outcome[];
  /** The result's further fields; `summary` and `error` are every tool's. */
  output: Output;
  /** The argument that is sent as the request's body, of whose fields Atlas speaks. */
  bodyArgument?: string;
  /** What goes wrong is thrown. */
  run(args: z.output<Input>, call: Call): Promise<RunResult<Outcome, Output>>;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly annotations: Annotations;
  readonly resource: Resource;
  readonly bodyArgument: string | undefined;
  readonly input: z.AnyZodObject;
  readonly outcomes: readonly string[];
  readonly output: z.ZodRawShape;
  /**
   * Reads the arguments; what it gives does the work.
   * @throws {InvalidInput} for arguments that cannot be used; nothing was sent then.
   */
  prepare(args: unknown, context: CallContext): Promise<Prepared>;
}

export interface Prepared {
  /** What the arguments name. */
  place: Place;
  /** Nothing is to be sent but reads. */
  isDry: boolean;
  run(call: Call): Promise<RunOutcome>;
}

export function defineTool<Input extends z.AnyZodObject, const Outcome extends string, Output extends z.ZodRawShape>({
  effect,
  run,
  bodyArgument,
  ...definition
}: ToolDefinition<Input, Outcome, Output>): Tool {
  const { input, resource } = definition;
  return {
    ...definition,
    output: { ...definition.output, ...("dryRun" in input.shape && dryOutput) },
    annotations: effects[effect],
    bodyArgument,
    async prepare(args, context) {
      const { read, changes } = await readArguments(input, resource, args, context);
      return {
        place: placeIn(read, resource),
        isDry: asJson(read)["dryRun"] === true,
        run: async (call) => {
          for (const change of changes) call.warn(noteLine(change));
          const result = await run(read, call);
          return { ...asJson(result), outcome: result.outcome, summary: result.summary };
        },
      };
    },
  };
}

const asJson = (value: object): JsonObject => ({ ...value });

function placeIn(args: object, resource: Resource): Place {
  const values = asJson(args);
  return Object.fromEntries(
    levelsOf(resource).flatMap(({ argument }) => {
      const name = values[argument];
      return typeof name === "string" ? [[argument, name] as const] : [];
    }),
  );
}

/** The schema of a tool's results, success and failure alike. */
export function resultSchema({ outcomes, output }: Pick<Tool, "outcomes" | "output">) {
  const [first = "failed", ...others] = outcomes;
  return z
    .object({
      outcome: z.enum([first, ...others, "failed"]).describe("How it ended"),
      summary: z.string().describe("For a person"),
      ...output,
    })
    .passthrough();
}
