import { nearest } from "../../schema/spelling.ts";
import { connectionType } from "../connection-type.ts";

/** The one set of sample data that Atlas documents. */
export const SAMPLE_NAME = "sample_stream_solar";

export const sample = connectionType({
  type: "Sample",
  use: `Built-in sample data; the name that works is ${SAMPLE_NAME}`,
  prerequisite: "Nothing.",
  fields: {},
  apart: [],
  uses: {},
  exampleName: SAMPLE_NAME,
  example: {},
  // Atlas's own examples use names of any kind, so only a near miss of this one is worth a word.
  review: ({ name }, quote) =>
    name !== SAMPLE_NAME && nearest(name, [SAMPLE_NAME])
      ? [
          {
            path: ["name"],
            severity: "warning",
            message: `${quote(name)} is not a sample that Atlas documents; did you mean "${SAMPLE_NAME}"?`,
          },
        ]
      : [],
});
