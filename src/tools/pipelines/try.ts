/** `try_stream_pipeline`: a pipeline runs on example documents in this process, before it runs in Atlas and is billed. */
import { z } from "zod/v3";
import { isObject } from "../../json.ts";
import { ownWords, traitOf, unlisted, withTrait } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { entries, someObject, warnings } from "../../tool/result.ts";
import { howMany, sentence } from "../../tool/words.ts";
import { computeTrial, MOST_MILLISECONDS, TrialLimit } from "../../trial/threads.ts";
import type { TrialRequest, TrialResult } from "../../trial/trial.ts";
import { checkDefinitions, keepSecretsOf } from "../processors/definition.ts";
import { processorFields } from "../processors/resource.ts";
import { project } from "../projects/resource.ts";

const document = z.record(z.unknown());

/** What else a processor is created with; it changes nothing here. */
const ofOtherTools = {
  groupId: unlisted(z.unknown()),
  tenantName: unlisted(z.unknown()),
  processorName: withTrait(unlisted(z.unknown()), { alsoCalled: ["name"] }),
  tier: unlisted(z.unknown()),
  autoscaling: unlisted(z.unknown()),
  failoverEnabled: unlisted(z.unknown()),
  start: unlisted(z.unknown()),
};

/** Of all arguments together, as JSON. */
const MOST_BYTES = 1_048_576;

export default defineTool({
  name: "try_stream_pipeline",
  description:
    "Before you create a processor: runs its pipeline on example documents on this machine, without Atlas or cost. " +
    "Shows output, counts by stage, dead letters, what was not tried.",
  effect: "reads",
  resource: project,
  input: z
    .object({
      pipeline: withTrait(
        processorFields.pipeline.describe("Its connections need not exist"),
        traitOf(processorFields.pipeline),
      ),
      documents: z
        .array(document)
        .min(1)
        .max(200)
        .optional()
        .describe("In order; left out: those in $source, or samples"),
      collections: z.record(z.array(document)).optional().describe('{"db.coll": [documents]}'),
      responses: withTrait(z.array(z.unknown()).optional(), {
        published: z.array(document).optional().describe("For $https, $externalFunction: {status, body} in order"),
      }),
      dlq: z.preprocess(
        (dlq) => (isObject(dlq) ? Object.keys(dlq).length > 0 : dlq),
        z.boolean().optional().describe("It has a dead letter queue"),
      ),
      ...ofOtherTools,
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    output: unlisted(z.array(z.unknown()).optional()),
    sink: unlisted(someObject("What it holds or was sent")),
    stages: ownWords(unlisted(entries("stage, in, out, deadLetters"))),
    deadLetters: unlisted(entries("stage, reason, document")),
    untried: unlisted(entries("stage, why")),
    totalIn: unlisted(z.number().optional()),
    totalOut: unlisted(z.number().optional()),
    truncated: unlisted(z.boolean().optional()),
    stopped: unlisted(someObject("stage, reason")),
    warnings,
  },
  async run({ dlq, pipeline, documents, collections, responses }, call) {
    const requested = { pipeline, documents, collections, responses };
    keepSecretsOf({ pipeline }, call);
    checkDefinitions([{ definition: { pipeline }, hasDlq: true }], {}, call);
    if (Buffer.byteLength(JSON.stringify(requested)) > MOST_BYTES)
      throw new InvalidInput([
        { path: ["documents"], message: "is too large: all arguments of a trial have at most 1 MB" },
      ]);
    const unnamed = Object.keys(collections ?? {}).filter((name) => !/.\../.test(name));
    if (unnamed.length > 0)
      throw new InvalidInput(
        unnamed.map((name) => ({
          path: ["collections", call.mask(name)],
          message: "must be named as stages name it: db.coll, or connection/db.coll",
        })),
      );
    const asks = asksForDlq(pipeline);
    if (asks && dlq !== true)
      call.warn(
        "A stage sends what fails to the dead letter queue, so the processor was taken to have one: give it dlq.",
      );
    const result = await computed({ ...requested, dlq: dlq === true || asks }, call);
    const { stages, deadLetters, untried, totalIn, totalOut, madeUpTimes, areSamples, stopped, ...rest } = result;
    if (deadLetters.length > 0 && !asks && dlq !== true)
      call.warn("Documents failed. Without a dead letter queue Atlas drops them: give the processor dlq.");
    if (madeUpTimes && pipeline.some((stage) => Object.keys(stage).some((name) => name.endsWith("Window"))))
      call.warn(
        "The documents have no times of their own, so they were taken to come a second apart, from 2025-01-01 on.",
      );
    return {
      outcome: "ok",
      summary: summaryOf(result, call),
      ...rest,
      stages: stages.map((count) => ({ ...count })),
      deadLetters,
      untried,
      totalIn,
      totalOut,
      ...(stopped && { stopped: { ...stopped } }),
    };
  },
});

/** Whether a stage asks for a dead letter queue in so many words. */
const asksForDlq = (pipeline: readonly unknown[]): boolean =>
  pipeline.some((stage) => {
    const [[name, value] = ["", undefined]] = isObject(stage) ? Object.entries(stage) : [];
    const { validationAction, onError, pipeline: inner } = isObject(value) ? value : {};
    const asked = name === "$validate" ? validationAction : CALLING.has(name) ? onError : undefined;
    return (
      String(asked).toLowerCase() === "dlq" || (Array.isArray(inner) && name.endsWith("Window") && asksForDlq(inner))
    );
  });

const CALLING = new Set(["$https", "$externalFunction"]);

/** @throws {InvalidInput} where it cannot be tried, or takes too much. */
async function computed(request: TrialRequest, call: Call): Promise<TrialResult> {
  try {
    const result = await computeTrial(request, call.signal);
    if (!("problems" in result)) return result;
    throw new InvalidInput(
      result.problems.map(({ path, message }) => ({ path: path.map(call.mask), message: call.maskText(message) })),
    );
  } catch (error) {
    if (!(error instanceof TrialLimit)) throw error;
    const limit = error.limit === "time" ? `${MOST_MILLISECONDS / 1_000} seconds of computing` : "memory";
    throw new InvalidInput(
      [
        {
          path: ["pipeline"],
          message: `needs more than the ${limit} that a trial has on these documents; it was ended`,
        },
      ],
      "Try fewer or smaller documents, or a part of the pipeline: a regular expression, $range, $reduce or hopping windows that overlap much can take very long. Nothing was sent to Atlas.",
    );
  }
}

function summaryOf(
  { totalIn, totalOut, stages, untried, areSamples, stopped, truncated }: TrialResult,
  { mask }: Pick<Call, "mask">,
): string {
  const dead = stages.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const atSink = stages.at(-1)?.deadLetters ?? 0;
  const failed = atSink > 0 ? ` (${atSink} failed there)` : "";
  const parts = [
    `A trial on this machine, not in Atlas: ${howMany(totalIn, "document")} in, ${totalOut} reached the sink${failed}, ${howMany(dead, "dead letter")}`,
    ...(areSamples ? ["The documents are like those of sample_stream_solar, since none were given"] : []),
    ...(untried.length > 0
      ? [
          `Not tried: ${[...new Set(untried.map(({ stage }) => mask(stage)))].join(", ")}; documents passed unchanged, and Atlas may do otherwise`,
        ]
      : []),
    ...(stopped ? [`The processor would fail and stop at ${mask(stopped.stage)}`] : []),
    ...(truncated ? ["Not all is shown"] : []),
  ];
  return parts.map(sentence).join(" ");
}
