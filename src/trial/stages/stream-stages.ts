/** The stages that streams have and MongoDB has not, or has otherwise, by their names. */
import type { MakeOperator, MakeSink } from "../operator.ts";
import { emit, iceberg } from "./emit.ts";
import { lookup } from "./lookup.ts";
import { merge } from "./merge.ts";
import { setStreamMeta, throttle, vectorSearch } from "./plain.ts";
import { externalFunction, https } from "./requests.ts";
import { validate } from "./validate.ts";

/** Those that stand in the middle. */
export const streamStages: Readonly<Record<string, MakeOperator>> = {
  $validate: validate,
  $lookup: lookup,
  $cachedLookup: lookup,
  $https: https,
  $externalFunction: externalFunction,
  $setStreamMeta: setStreamMeta,
  $throttle: throttle,
  $vectorSearch: vectorSearch,
};

/** Those that can end a pipeline. */
export const streamSinks: Readonly<Record<string, MakeSink>> = {
  $merge: merge,
  $emit: emit,
  $iceberg: iceberg,
  $https: https,
  $externalFunction: externalFunction,
};
