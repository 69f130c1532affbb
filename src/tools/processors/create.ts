/** `create_stream_processor`: sends the create at most once, says what became of it, and starts it where that is asked. */
import { z } from "zod/v3";
import { createProcessor, getProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import { unlisted } from "../../schema/fields.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest, wouldBe } from "../../tool/dry-run.ts";
import { createHint, ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import {
  bodyOf,
  checkDefinitions,
  connectionsOf,
  differences,
  keepSecretsOf,
  type ProcessorDefinition,
} from "./definition.ts";
import { start } from "./lifecycle.ts";
import { processor, processorArguments, processorFields, shownProcessor, stateOf } from "./resource.ts";

export default defineTool({
  name: "create_stream_processor",
  description:
    "Creates a processor: a pipeline that reads from one connection and writes to another. Checked before it is sent; " +
    "safe to repeat.",
  effect: "adds",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      ...processorFields,
      dlq: processorFields.dlq.optional(),
      start: z.boolean().default(false).describe("Start it too, which is billed"),
      dryRun,
    })
    .strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    processor: shownProcessor,
    started: unlisted(z.boolean().optional()),
    wouldBe: unlisted(z.string().optional()),
    warnings,
    request: plannedRequest,
  },
  hint: (failure) => createHint(failure, processor),
  async run({ groupId, tenantName, processorName: name, start: toStart, dryRun, ...asked }, call) {
    const place = { groupId, tenantName };
    keepSecretsOf(asked, call);
    checkDefinitions([{ definition: asked }], await connectionsOf(place, call), call);
    const shownName = call.mask(name);
    if (dryRun) {
      const existing = await call.unlessAbsent(call.shown(getProcessor(place, name)), name);
      return {
        outcome: "planned",
        summary: `Would create the processor "${shownName}"${toStart ? " and start it, after which billing runs" : ""}; nothing was created.`,
        wouldBe: wouldBe(existing, (there) => differences(asked, there)),
        request: call.planned(createProcessor(place, { name, ...bodyOf(asked) }), stageSecretParts),
      };
    }
    const { outcome, shown, started } = await createProcessorOnce(place, name, asked, toStart, call);
    const created = outcome === "created" ? "Created the processor" : "There was already the processor asked for,";
    const runs = started ? "it is started, and billing runs" : `its state is ${call.mask(stateOf(shown))}`;
    return {
      outcome,
      summary: `${created} "${shownName}"; ${runs}.`,
      processor: processor.view({ name, ...shown }),
      ...(started && { started }),
    };
  },
});

/**
 * Sends a create, and starts what was created where that is wanted.
 * @throws {ToolFailure} with the processor, where it is there and does not run.
 */
export async function createProcessorOnce(
  place: WorkspacePlace,
  name: string,
  asked: ProcessorDefinition,
  toStart: boolean,
  call: Call,
) {
  const find = getProcessor(place, name);
  const { outcome, shown } = await call.create({
    request: createProcessor(place, { name, ...bodyOf(asked) }),
    find,
    name,
    differences: (existing) => differences(asked, existing),
    partsOf: stageSecretParts,
    caveat: "",
  });
  const settled = await call.untilSettled(shown, find);
  const runs = settled["state"] === "STARTED";
  if (!toStart || runs) return { outcome, shown: settled, started: toStart && runs };
  const started = await call.attempt(start(place, name, settled, {}, call));
  if (!(started instanceof ToolFailure)) return { outcome, shown: started, started: true };
  throw new ToolFailure(started.failure, {
    ...started.circumstances,
    summary: `The processor "${call.mask(name)}" is there, but it was not started: ${started.message}.`,
    result: { processor: processor.view({ name, ...settled }), ...started.circumstances.result },
  });
}
