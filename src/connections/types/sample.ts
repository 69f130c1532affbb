import { connectionType } from "../connection-type.ts";

export const sample = connectionType({
  type: "Sample",
  use: "Built-in sample data; the name that works is sample_stream_solar",
  prerequisite: "Nothing.",
  fields: {},
  apart: [],
  uses: {},
  example: {},
});
