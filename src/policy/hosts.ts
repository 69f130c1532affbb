/**
 * Hosts: the patterns of a rule, and where a connection leads. What several programs could read in several ways is not
 * read at all, since nobody knows what Atlas would make of it.
 */
import type { z } from "zod/v3";
import { kafkaSetting } from "../connections/types/kafka-settings.ts";
import { typeNamed } from "../connections/union.ts";
import { type JsonObject, type Path, stringsIn, valueAt } from "../json.ts";
import { traitOf } from "../schema/fields.ts";
import { propertiesOf, schemaAt } from "../schema/structure.ts";

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

/** A field that says where a connection leads, or whose settings may. */
interface HostField {
  path: Path;
  holds: "hosts" | "url" | "settings";
  /** Every connection of the type has it. */
  isNeeded: boolean;
}

const fieldsByType = new Map<unknown, readonly HostField[]>();

function hostFieldsOf(type: unknown): readonly HostField[] | undefined {
  const known = fieldsByType.get(type);
  if (known) return known;
  const schema = typeNamed(type)?.schema;
  if (!schema) return undefined;
  const fields = hostFieldsIn(schema, []);
  fieldsByType.set(type, fields);
  return fields;
}

function hostFieldsIn(schema: z.ZodTypeAny, at: Path): HostField[] {
  return propertiesOf(schema).flatMap(([name, field]) => {
    const path = [...at, name];
    const { holds } = traitOf(field);
    if (holds !== "hosts" && holds !== "url" && holds !== "settings") return hostFieldsIn(field, path);
    return [{ path, holds, isNeeded: at.length === 0 && holds !== "settings" && !field.isOptional() }];
  });
}

/**
 * Where a connection leads, by what its type's fields hold. A setting of a client can name a host as a field of its own
 * does, so settings count as well. One that lacks a field that every connection of its type has leads somewhere, and
 * nobody can tell where.
 */
export function targetsOf(connection: JsonObject): NamedTarget[] {
  const fields = hostFieldsOf(connection["type"]);
  if (!fields) return [{ path: ["type"], target: undefined }];
  return fields.flatMap(({ path, holds, isNeeded }) => {
    const found = stringsIn(valueAt(connection, path)).flatMap(({ text, path: inside }): NamedTarget[] => {
      const whole = [...path, ...inside];
      if (text === "") return [];
      if (holds === "hosts") return brokersIn(text, whole);
      return holds === "url"
        ? [{ path: whole, target: urlTarget(text) }]
        : settingTargets(inside.at(-1) ?? "", text, whole);
    });
    return found.length === 0 && isNeeded ? [{ path, target: undefined }] : found;
  });
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

/**
 * Whether a URL leads to the same host with `path` appended to it, as the stage $https does: after a host without a slash
 * `@evil.example` would be another host, and `.evil.example` too.
 */
export function staysAtHost(url: unknown, path: unknown): boolean {
  // What is computed begins with a dollar sign, or is an object.
  if (typeof url !== "string" || typeof path !== "string" || path.startsWith("$")) return true;
  const [before, after] = [urlTarget(url), urlTarget(url + path)];
  return before !== undefined && before.host === after?.host && before.port === after.port;
}

/** A host as people write it. */
export const targetName = ({ host, port }: Target): string => (port === undefined ? host : `${host}:${port}`);
