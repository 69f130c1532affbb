import { expect, test } from "vitest";
import { taken } from "../read.ts";

const sample = (name: string) => ({ name, type: "Sample" });

test.each(["sample_stream_solar", "my_sample", "orders"])("the name %s is taken", (name) => {
  expect(taken(sample(name))).toEqual({ sent: sample(name), warnings: [] });
});

test.each(["sample_stream", "sample-stream-solar", "SAMPLE_STREAM_SOLAR", "solar", "sample_stream_weather"])(
  "the name %s is sent, with a warning that names the sample",
  (name) => {
    expect(taken(sample(name))).toEqual({
      sent: sample(name),
      warnings: [
        `connection.name: "${name}" is not a sample that Atlas documents; did you mean "sample_stream_solar"?`,
      ],
    });
  },
);
