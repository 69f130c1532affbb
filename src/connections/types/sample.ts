import { nearest } from "../../schema/spelling.ts";
import { connectionType } from "../connection-type.ts";

/** The one set of sample data that Atlas documents. */
const SOLAR = "sample_stream_solar";

export const sample = connectionType({
  type: "Sample",
  use: `Built-in sample data; the name that works is ${SOLAR}`,
  prerequisite: "Nothing.",
  fields: {},
  apart: [],
  uses: {},
  exampleName: SOLAR,
  example: {},
  // Atlas's own examples use names of any kind, so only one that was meant to be this one is worth a word.
  review: ({ name }, quote) =>
    name !== SOLAR && nearest(name, [SOLAR])
      ? [
          {
            path: ["name"],
            severity: "warning",
            message: `${quote(name)} is no sample that Atlas documents; did you mean "${SOLAR}"?`,
          },
        ]
      : [],
});
