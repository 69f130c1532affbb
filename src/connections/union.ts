/**
 * The union of connection types: the one source of validation, types, JSON Schema, docs and the sandbox's knowledge.
 * A new type is a file in `types/` and a line here.
 */
import { z } from "zod/v3";
import { awsKinesisDataStreams } from "./types/aws-kinesis-data-streams.ts";
import { awsLambda } from "./types/aws-lambda.ts";
import { azureBlobStorage } from "./types/azure-blob-storage.ts";
import { cluster } from "./types/cluster.ts";
import { gcpPubSub } from "./types/gcp-pub-sub.ts";
import { https } from "./types/https.ts";
import { kafka } from "./types/kafka.ts";
import { s3 } from "./types/s3.ts";
import { sample } from "./types/sample.ts";
import { schemaRegistry } from "./types/schema-registry.ts";

/** All connection types, in the order in which they are listed everywhere. */
export const connectionTypes = [
  sample,
  cluster,
  kafka,
  https,
  awsLambda,
  s3,
  awsKinesisDataStreams,
  schemaRegistry,
  azureBlobStorage,
  gcpPubSub,
] as const;

/** The connection type of that name, which may be any value of an agent's or of Atlas's. */
export function typeNamed(name: unknown): (typeof connectionTypes)[number] | undefined {
  return connectionTypes.find(({ type }) => type === name);
}

/** Types of which a connection can have another form in another region of its workspace. */
export const failoverTypes: readonly unknown[] = [cluster.type, kafka.type];

export const hasFailovers = ({ type }: { readonly type?: unknown }): boolean => failoverTypes.includes(type);

const [first, ...others] = connectionTypes;

/** A stream connection as Atlas takes it. */
export const connectionSchema = z
  .discriminatedUnion("type", [first.schema, ...others.map(({ schema }) => schema)])
  .describe("What to connect, with the fields of its type");

export type Connection = z.output<typeof connectionSchema>;

/** The name of a connection type. */
export const typeName = z.enum([first.type, ...others.map(({ type }) => type)]).describe("Type of connection");
