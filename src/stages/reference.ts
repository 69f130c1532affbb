/** The stages for agents that read rather than validate. */
import { dotted } from "../json.ts";
import { type ConnectionPlace, type Stage, stages } from "./table.ts";

export const describeStages = () => stages.map(describe);

function describe(stage: Stage) {
  const { name, place, use, rooms, needs = [], durations = [], oneOf, connections = [], docs } = stage;
  const required = [...durations, ...needs];
  return {
    name,
    place,
    ...(rooms.processor === "no" && { only: "in the pipeline of a window" }),
    ...(rooms.window === "no" && name !== "$source" && { notIn: "the pipeline of a window" }),
    use,
    ...(required.length > 0 && { needs: required }),
    ...(oneOf && { needsOneOf: oneOf }),
    ...(connections.length > 0 && { connections: connections.map(describePlace) }),
    docs,
  };
}

function describePlace({ at, optional, beside, types }: ConnectionPlace) {
  return {
    at: dotted(at),
    ...(optional && { optional }),
    ...(beside && { besideIt: beside }),
    types: Object.fromEntries(
      Object.entries(types).map(([type, { needs = [], expects = [], optional: more }]) => [
        type,
        { needs: [...needs, ...expects], ...(more && { optional: more }) },
      ]),
    ),
  };
}
