/** The shared description of the Atlas API and its cases, where they lie beside the project; undefined elsewhere. */
import { existsSync, readFileSync } from "node:fs";
import { isObject, type JsonObject } from "../../src/json.ts";

function read(name: string): JsonObject | undefined {
  const path = new URL(`../../../shared/atlas/${name}`, import.meta.url);
  if (!existsSync(path)) return undefined;
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  return isObject(value) ? value : undefined;
}

/** The official API description. */
export const openapi = read("openapi.json");

/** A real or realistic payload and what must become of it. */
export type SharedCase = { name: string; connection: unknown } & (
  | { expect: "accept"; sent: JsonObject; warning: boolean | null }
  | { expect: "refuse"; path: string; mention: string }
);

export const sharedCases = read("cases.json")?.["cases"] as SharedCase[] | undefined;

/** What `path` leads to in a JSON value. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), value);
}

/** A payload as it is really sent, with the arguments beside the place. */
export type AsSentCase = { name: string; arguments: JsonObject; connection: unknown } & (
  | { expect: "accept"; sent: JsonObject; warning: boolean }
  | { expect: "refuse"; paths: string[]; mention: string }
);

export const asSentCases = read("as-sent.json")?.["cases"] as AsSentCase[] | undefined;

/** A pipeline as people publish it, and whether it is planned, told of or refused. */
export interface PipelineCase {
  id: string;
  connections: { name: string; type: string }[];
  pipeline: JsonObject[];
  dlq?: JsonObject;
  tier?: string;
  expect: "passes" | "told" | "refused";
}

export const pipelineCases = read("pipelines.json")?.["cases"] as PipelineCase[] | undefined;
