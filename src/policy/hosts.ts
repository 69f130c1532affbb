/**
 * Hosts: the patterns of a rule, and where a connection leads. What several programs could read in several ways is not
 * read at all, since nobody knows what Atlas would make of it.
 */
import type { z } from "zod/v3";
import { kafkaSetting } from "../connections/types/kafka-settings.ts";
import { typeNamed } from "../connections/union.ts";
import { type JsonObject, type Path, stringsIn, valueAt } from "../json.ts";
import { traitOf } from "../schema/fields.ts";
import { schemaAt } from "../schema/structure.ts";

/** A host, in lower case, with the port that is used. */
export interface Target {
  host: string;
  port?: number;
}

/** Where a connection leads: the field that says so, and the host, or undefined where nobody can tell. */
export interface NamedTarget {
  path: Path;
  target: Target | undefined;
}

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)$/;
const PATTERN = /^(\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** What is wrong with a pattern of a host; undefined where nothing is. */
export function hostPatternProblem(pattern: string): string | undefined {
  const port = PATTERN.exec(pattern.toLowerCase())?.[2];
  if (PATTERN.test(pattern.toLowerCase()) && (port === undefined || isPort(Number(port)))) return undefined;
  return "must be a host such as kafka.corp.example, *.corp.example or *.corp.example:9092: no scheme, no path, and * only as a first label";
}

const isPort = (port: number) => port >= 1 && port <= 65_535;

/** Whether a host fits a pattern; `*.` stands for one label or more, and a pattern without a port for any port. */
export function fitsHost({ host, port }: Target, pattern: string): boolean {
  const [, name = "", only] = PATTERN.exec(pattern.toLowerCase()) ?? [];
  if (only !== undefined && port !== Number(only)) return false;
  if (name === "*") return true;
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name;
}

/** A host and port as they are written, `host:port`; undefined for what is no such thing. */
function plainTarget(text: string): Target | undefined {
  const [, name = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  const host = name.replace(/\.$/, "");
  if (!HOST.test(host) || (port !== undefined && !isPort(Number(port)))) return undefined;
  return { host, ...(port !== undefined && { port: Number(port) }) };
}

/** What stands before a host, and who logs in; a second `@` would leave open where the host begins. */
const BEFORE_HOST = /^(?:([a-z][a-z0-9+._-]*):\/\/)?(?:[^@\s\\/?#]*@)?/i;

/** A broker: `host:port`, which may have a scheme and a login before it. */
const brokerIn = (text: string): Target | undefined => plainTarget(text.replace(BEFORE_HOST, "").replace(/\/$/, ""));

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** The host of a URL, where every program reads the same one. */
function urlTarget(text: string): Target | undefined {
  const trimmed = text.trim();
  const authority = /^[a-z][a-z0-9+._-]*:\/\/([^/?#]*)/i.exec(trimmed)?.[1];
  if (authority === undefined || /[\s\\]/.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const target = plainTarget(authority.replace(/^[^@]*@/, ""));
  const { hostname, protocol } = new URL(trimmed);
  if (!target || hostname.toLowerCase().replace(/\.$/, "") !== target.host) return undefined;
  const port = target.port ?? PORTS[protocol];
  return { host: target.host, ...(port !== undefined && { port }) };
}

const brokersIn = (text: string, path: Path): NamedTarget[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)
    .map((broker) => ({ path, target: brokerIn(broker) }));

/**
 * Where a connection leads, by what its type's fields hold. A setting of a client can name a host as a field of its own
 * does, so settings count as well.
 */
export function targetsOf(connection: JsonObject): NamedTarget[] {
  const schema = typeNamed(connection["type"])?.schema;
  if (!schema) return [{ path: ["type"], target: undefined }];
  const found = stringsIn(connection).flatMap(({ text, path }): NamedTarget[] => {
    if (text === "") return [];
    const holds = holderAt(path);
    if (holds === "hosts") return brokersIn(text, path);
    if (holds === "url") return [{ path, target: urlTarget(text) }];
    const setting = holderAt(path.slice(0, -1)) === "settings" ? (path.at(-1) ?? "") : undefined;
    return setting === undefined ? [] : settingTargets(setting, text, path);
  });
  // One without the field that every connection of its type needs leads somewhere, and nobody can tell where.
  const lacking = needed(connection["type"]).filter((path) => !found.some((each) => each.path[0] === path[0]));
  return [...found, ...lacking.map((path) => ({ path, target: undefined }))];

  function holderAt(path: Path) {
    const field = schema && path.length > 0 ? schemaAt(schema, path) : undefined;
    const list = schema && path.length > 1 ? schemaAt(schema, path.slice(0, -1)) : undefined;
    return (
      (field && traitOf(field).holds) ??
      (list && Array.isArray(valueAt(connection, path.slice(0, -1))) ? traitOf(list).holds : undefined)
    );
  }
}

function settingTargets(setting: string, text: string, path: Path): NamedTarget[] {
  const kafka = typeNamed("Kafka")?.schema;
  const moved = kafkaSetting(setting, text).flatMap(({ to, value }): NamedTarget[] => {
    const field = kafka && schemaAt(kafka, to);
    const holds = field && traitOf(field).holds;
    if (holds === "hosts") return brokersIn(value, path);
    return holds === "url" ? [{ path, target: urlTarget(value) }] : [];
  });
  if (moved.length > 0) return moved;
  return text.includes("://") ? [{ path, target: urlTarget(text) }] : [];
}

/** The fields of a type that name hosts and that every connection of it has. */
function needed(type: unknown): Path[] {
  const found = typeNamed(type);
  return Object.entries<z.ZodTypeAny>(found?.fields ?? {}).flatMap(([name, field]) =>
    !field.isOptional() && ["hosts", "url"].includes(traitOf(field).holds ?? "") ? [[name]] : [],
  );
}

/** A host as people write it. */
export const targetName = ({ host, port }: Target): string => (port === undefined ? host : `${host}:${port}`);
