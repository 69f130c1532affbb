/** `get_stage_reference`: what a stage takes, from the table that pipelines are checked by. */
import { z } from "zod/v3";
import { ownWords, unlisted } from "../../schema/fields.ts";
import { InvalidInput, quoted } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import { describeStage, listStages } from "../../stages/reference.ts";
import { defineTool } from "../../tool/define.ts";
import { entries, someObject } from "../../tool/result.ts";
import { project } from "../projects/resource.ts";

export default defineTool({
  name: "get_stage_reference",
  description:
    "Before you write a pipeline: a stage's fields, values, what is required by type of connection, an example.",
  effect: "reads",
  resource: project,
  input: z.object({ stage: z.string().optional().describe("Such as $emit; left out: lists all") }).strict(),
  outcomes: ["ok"],
  output: {
    stages: ownWords(unlisted(entries("name, place, use"))),
    stage: ownWords(unlisted(someObject("All of it"))),
  },
  async run({ stage: name }, call) {
    const stages = listStages();
    if (name === undefined) return { outcome: "ok", summary: `There are ${stages.length} stages.`, stages };
    const stage = describeStage(name) ?? describeStage(`$${name}`);
    if (stage) return { outcome: "ok", summary: `${stage.name}: ${stage.use}.`, stage };
    const names = stages.map((each) => each.name);
    const meant = nearest(name, names);
    const message = `${quoted(call.maskText(name))} is no stage that Atlas documents for streams${meant === undefined ? "" : `; did you mean ${meant}?`}. There are: ${names.join(", ")}`;
    throw new InvalidInput([{ path: ["stage"], message }]);
  },
});
