/** Stages between a source and a sink that work on each document; two of them can also end a pipeline. */
import {
  anywhere,
  beside,
  boolean,
  byDefault,
  collection,
  computed,
  connection,
  data,
  duration,
  either,
  exceptPayload,
  expression,
  headers,
  list,
  map,
  object,
  onError,
  page,
  parallelism,
  path,
  pipeline,
  plain,
  processorAtLeast,
  processorOnly,
  type Rule,
  reference,
  required,
  type Stage,
  stage,
  text,
  textOrExpression,
  toDlq,
  whole,
  words,
} from "./shapes.ts";

/** A collection to look things up in, whose names are literal. */
const from = collection(text);
const fromItems = { connectionName: "cluster", db: "shop", coll: "items" };

/** Fields of an equality join, of which neither goes without the other. */
const equality: readonly Rule[] = [
  { where: { localField: true }, needs: ["foreignField"] },
  { where: { foreignField: true }, needs: ["localField"] },
];

const unsupported = ["$near", "$nearSphere", "$text", "$where"];

const calls: readonly Stage[] = [
  stage(
    ["$validate", "middle", exceptPayload],
    "Checks documents against a schema; what does not fit is discarded or goes to the dead letter queue",
    page("sp-agg-validate", "2025/26"),
    object(
      {
        validator: required({ kind: "query", without: unsupported, from: "page" }),
        validationAction: words("discard dlq", "discard"),
      },
      [toDlq("validationAction")],
    ),
    { validator: { $jsonSchema: { required: ["n"], properties: { n: { bsonType: "int", minimum: 1 } } } } },
    { validator: { $expr: { $gt: ["$n", 0] } }, validationAction: "discard" },
  ),
  stage(
    ["$https", "middle or sink", exceptPayload],
    "Calls an HTTP API for each document, and may keep what it answers",
    page("sp-agg-https", "2026-01"),
    object(
      {
        connectionName: required(connection({ Https: beside() })),
        path: textOrExpression,
        parameters: map(either(text, { kind: "number" }, boolean, computed)),
        method: words("GET POST PUT PATCH DELETE", "GET"),
        headers: headers(textOrExpression),
        as: path,
        onError,
        payload: pipeline("payload"),
        config: object({
          connectionTimeoutSec: byDefault(whole(1), "30"),
          requestTimeoutSec: byDefault(whole(1), "60"),
          parseJsonStrings: byDefault(boolean, "false"),
        }),
      },
      [
        // The page says when it is required in words that cannot be meant.
        { inTheMiddle: true, needs: ["as"], or: "it names the field for the answer", from: "differing pages" },
        { where: { method: ["DELETE", "GET"] }, excludes: ["payload"], from: "planner" },
        toDlq("onError"),
      ],
      { hints: { url: "the connection holds the URL, and path is appended to it", body: "payload makes it" } },
    ),
    { connectionName: "api", path: "/zone", parameters: { lat: "$pos.lat" }, as: "zone", onError: "ignore" },
    { connectionName: "api", method: "POST", payload: [{ $project: { _id: 0, n: 1 } }], as: "answer" },
  ),
  stage(
    ["$externalFunction", "middle or sink", exceptPayload],
    "Calls an AWS Lambda function for each document, and may keep what it returns",
    page("sp-agg-externalFunction", "2026-07"),
    object(
      {
        connectionName: required(connection({ AWSLambda: beside() })),
        functionName: required(text),
        execution: words("sync async", "sync"),
        as: path,
        onError,
        payload: pipeline("payload"),
        parallelism,
        partitionBy: expression,
      },
      [
        {
          inTheMiddle: true,
          where: { execution: [undefined, "sync"] },
          needs: ["as"],
          or: "it names the field for the result; or set execution to async",
        },
        { where: { execution: ["async"] }, excludes: ["as", "partitionBy"] },
        { where: { execution: ["async"] }, atMost: { parallelism: 1 } },
        { where: { partitionBy: true }, needs: ["parallelism"] },
        { where: { partitionBy: true }, atLeast: { parallelism: 2 } },
        toDlq("onError"),
      ],
    ),
    { connectionName: "lambda", functionName: "score", as: "score", payload: [{ $project: { _id: 0, n: 1 } }] },
    { connectionName: "lambda", functionName: "notify", execution: "async", onError: "ignore" },
  ),
];

const lookups: readonly Stage[] = [
  stage(
    ["$lookup", "middle", exceptPayload],
    "Joins documents of a collection to each document",
    page("sp-agg-lookup", "2025/26"),
    object(
      {
        connectionName: { kind: "elsewhere", at: "from.connectionName" },
        from: collection(text, {}, ["connectionName"]),
        localField: path,
        foreignField: path,
        let: map(expression),
        pipeline: pipeline("collection"),
        as: required(path),
        parallelism: byDefault(whole(1, 64), "1"),
        partitionBy: expression,
      },
      [{ needs: ["from", "pipeline"] }, ...equality],
    ),
    { from: fromItems, localField: "item", foreignField: "_id", as: "item" },
    { from: fromItems, let: { id: "$item" }, pipeline: [{ $match: { $expr: { $eq: ["$_id", "$$id"] } } }], as: "item" },
  ),
  stage(
    ["$cachedLookup", "middle", processorAtLeast],
    "Joins documents of a collection that seldom changes, and caches them for a while",
    page("sp-agg-cachedlookup", "2025/26"),
    object(
      {
        ttl: required(duration),
        maxMemUsageBytes: byDefault(whole(1), "10 % of the worker's memory"),
        from: required(from),
        localField: required(path),
        foreignField: required(path),
        as: required(path),
      },
      [],
      { without: { let: "$lookup takes it", pipeline: "$lookup takes it" } },
    ),
    { ttl: { size: 5, unit: "minute" }, from: fromItems, localField: "item", foreignField: "_id", as: "item" },
  ),
  stage(
    ["$vectorSearch", "middle", processorAtLeast],
    "Adds the results of a vector search to each document",
    page("sp-agg-vectorSearch", "2026-07"),
    object(
      {
        from: required(from),
        as: required(path),
        queryVector: either(list({ kind: "number" }), computed),
        query: object({ text: required(textOrExpression) }),
        model: text,
        index: required(text),
        path: required(path),
        numCandidates: whole(1),
        limit: required(whole(1)),
        filter: map(data),
        exact: byDefault(boolean, "false"),
        searchNodePreference: object({ key: required(text) }),
        let: map(expression),
        pipeline: pipeline("collection"),
      },
      [
        { needs: ["queryVector", "query"] },
        { where: { query: true }, excludes: ["queryVector"] },
        { where: { model: true }, needs: ["query"] },
        { where: { exact: [undefined, false] }, needs: ["numCandidates"] },
        { where: { exact: [true] }, excludes: ["numCandidates"] },
        { atMost: { limit: "numCandidates" } },
      ],
    ),
    { from: fromItems, as: "like", queryVector: "$v", index: "vectors", path: "v", numCandidates: 50, limit: 5 },
  ),
];

const ofStreams: readonly Stage[] = [
  stage(
    ["$setStreamMeta", "middle", processorAtLeast],
    "Sets a document's metadata, such as for routing, without changing the document",
    page("sp-agg-setStreamMeta", "2025/26"),
    { kind: "map", of: expression, start: "stream." },
    { "stream.target": "$kind" },
  ),
  stage(
    ["$throttle", "middle", processorOnly],
    "Limits how many bytes or messages pass in a second",
    page("sp-agg-throttle", "2026-07"),
    object({ bytesPerSec: whole(1), messagesPerSec: whole(1) }, [{ needs: ["bytesPerSec", "messagesPerSec"] }]),
    { messagesPerSec: 50 },
  ),
  stage(
    ["$function", "middle", processorAtLeast],
    "Runs JavaScript, on AWS only; mostly used as an expression, such as in $addFields",
    page("sp-agg-function", "2025/26"),
    object({
      body: required(either(text, map(data))),
      args: required(list(expression)),
      lang: required(words("js")),
    }),
    { body: "function(n) { return n * 2 }", args: ["$n"], lang: "js" },
  ),
];

const ofMongoDB: readonly Stage[] = [
  stage(
    ["$match", "middle", exceptPayload],
    "Lets through the documents that match a query",
    plain,
    { kind: "query", without: ["$text"], from: "planner" },
    { status: "paid", $expr: { $gt: ["$total", "$limit"] } },
  ),
  stage(
    ["$project", "middle", anywhere],
    "Keeps, leaves out or computes fields",
    plain,
    { kind: "map", of: expression, filled: true },
    { _id: 0, total: { $sum: "$items.price" } },
  ),
  stage(["$addFields", "middle", anywhere], "Adds fields", plain, map(expression), { at: { $toDate: "$ms" } }),
  stage(["$set", "middle", anywhere], "Adds fields, like $addFields", plain, map(expression), {
    at: { $currentDate: {} },
  }),
  stage(["$unset", "middle", exceptPayload], "Removes fields", plain, either(path, list(path)), ["a", "b.c"]),
  stage(
    ["$replaceRoot", "middle", anywhere],
    "Replaces each document with a value inside it",
    plain,
    object({ newRoot: required(expression) }, [], { like: '{"newRoot": "$fullDocument"}' }),
    { newRoot: "$fullDocument" },
  ),
  stage(
    ["$replaceWith", "middle", exceptPayload],
    "Replaces each document with a value inside it, like $replaceRoot",
    plain,
    expression,
    "$fullDocument",
  ),
  stage(
    ["$redact", "middle", exceptPayload],
    "Hides parts of a document, depending on what is in them",
    plain,
    expression,
    { $cond: [{ $gt: ["$level", 3] }, "$$PRUNE", "$$KEEP"] },
  ),
  stage(
    ["$unwind", "middle", exceptPayload],
    "Makes a document of each item in a list",
    plain,
    either(
      reference,
      object(
        { path: required(reference), includeArrayIndex: path, preserveNullAndEmptyArrays: byDefault(boolean, "false") },
        [],
        { like: '{"path": "$items"}' },
      ),
    ),
    "$items",
    { path: "$items", preserveNullAndEmptyArrays: true },
  ),
];

export const middle: readonly Stage[] = [...calls, ...lookups];
export const ordinary: readonly Stage[] = [...ofStreams, ...ofMongoDB];
