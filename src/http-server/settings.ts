/** What `serve` is told beside the settings: where it listens, who may call, and how much. */
import {
  type Environment,
  isLoopback,
  listIn,
  refuse,
  SettingsError,
  valueOrDefault,
  variableIn,
} from "../config/settings.ts";
import type { VariableName } from "../config/variables.ts";
import { type ToolClass, toolClasses } from "../policy/rule.ts";

export interface Address {
  host: string;
  port: number;
}

export interface IssuerSettings {
  /** As it stands in `iss`. */
  issuer: string;
  /** By default, the public URL. */
  audiences: readonly string[];
  /** The scope that each class of tools needs, where it needs one. */
  scopes: Readonly<Partial<Record<ToolClass, string>>>;
  groupsClaim: string;
}

export interface ServeSettings {
  listen: Address;
  opsListen: Address;
  /** Without it, `serve` is reached under the address that it listens at. */
  publicUrl?: URL;
  issuer?: IssuerSettings;
  allowedOrigins: readonly string[];
  callsPerMinute: number;
  concurrent: number;
}

/**
 * @param hasPolicy whether a policy is set
 * @throws {SettingsError} for a value that cannot be used, and for what would let anybody in
 */
export function readServeSettings(env: Environment, hasPolicy: boolean): ServeSettings {
  const listen = addressIn(env, "ATLAS_STREAMS_MCP_LISTEN");
  const publicUrl = publicUrlIn(env);
  const issuer = issuerIn(env, publicUrl, listen);
  const lacking = [
    ...(issuer ? [] : ["ATLAS_STREAMS_MCP_ISSUER (--issuer)"]),
    ...(publicUrl ? [] : ["ATLAS_STREAMS_MCP_PUBLIC_URL (--public-url)"]),
    ...(hasPolicy ? [] : ["ATLAS_STREAMS_MCP_POLICY (--policy)"]),
  ];
  if (lacking.length > 0 && !isLoopbackHost(listen.host))
    throw new SettingsError(
      `serve listens at ${listen.host} only with an issuer, a public URL and a policy; set ${lacking.join(", ")}, or listen at 127.0.0.1`,
    );
  if (hasPolicy && !issuer)
    throw new SettingsError(
      "With a policy, serve has to know who calls; set ATLAS_STREAMS_MCP_ISSUER (--issuer), or leave the policy out",
    );
  return {
    listen,
    opsListen: addressIn(env, "ATLAS_STREAMS_MCP_OPS_LISTEN"),
    ...(publicUrl && { publicUrl }),
    ...(issuer && { issuer }),
    allowedOrigins: originsIn(env),
    callsPerMinute: countIn(env, "ATLAS_STREAMS_MCP_CALLS_PER_MINUTE"),
    concurrent: countIn(env, "ATLAS_STREAMS_MCP_CONCURRENT"),
  };
}

/** Where `serve` is reached without a public URL. */
export const addressUrl = ({ host, port }: Address): URL => new URL(`http://${hostInUrl(host)}:${port}/mcp`);

const hostInUrl = (host: string) => (host.includes(":") ? `[${host}]` : host);

export const isLoopbackHost = (host: string): boolean => isLoopback(hostInUrl(host));

function addressIn(env: Environment, name: VariableName): Address {
  const given = valueOrDefault(env, name);
  const [, inBrackets, plain, digits = ""] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/i.exec(given) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || Number(digits) > 65_535)
    refuse(name, given, "an address and a port, such as 127.0.0.1:8080 or [::1]:8080");
  return { host, port: Number(digits) };
}

/** An address that clients and tokens are sent to: https, but for this machine. */
function urlIn(env: Environment, name: VariableName): URL | undefined {
  const given = variableIn(env, name);
  if (given === undefined) return undefined;
  const allowed = "an https:// address, or http:// to a loopback host, without query";
  // What precedes an `@` may be a password.
  if (given.includes("@"))
    throw new SettingsError(`${name} must not contain a user name or password; allowed: ${allowed}`);
  if (!URL.canParse(given)) refuse(name, given, allowed);
  const url = new URL(given);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  if (!isSafe || url.search || url.hash) refuse(name, given, allowed);
  return url;
}

function publicUrlIn(env: Environment): URL | undefined {
  const url = urlIn(env, "ATLAS_STREAMS_MCP_PUBLIC_URL");
  if (url?.pathname.startsWith("/.well-known/"))
    refuse("ATLAS_STREAMS_MCP_PUBLIC_URL", url.href, "an address outside /.well-known/");
  return url;
}

function issuerIn(env: Environment, publicUrl: URL | undefined, listen: Address): IssuerSettings | undefined {
  const scopes = scopesIn(env);
  const audiences = listIn(valueOrDefault(env, "ATLAS_STREAMS_MCP_AUDIENCE"));
  if (!urlIn(env, "ATLAS_STREAMS_MCP_ISSUER")) {
    if (Object.keys(scopes).length > 0 || audiences.length > 0)
      throw new SettingsError(
        "Audiences and scopes are those of an issuer's tokens; set ATLAS_STREAMS_MCP_ISSUER (--issuer)",
      );
    return undefined;
  }
  if (!publicUrl && listen.port === 0)
    throw new SettingsError(
      "Clients of an issuer have to know the address; set ATLAS_STREAMS_MCP_PUBLIC_URL (--public-url)",
    );
  return {
    // As it was given: issuers are compared letter by letter, and `URL` adds a slash.
    issuer: valueOrDefault(env, "ATLAS_STREAMS_MCP_ISSUER"),
    audiences: audiences.length > 0 ? audiences : [(publicUrl ?? addressUrl(listen)).href],
    scopes,
    groupsClaim: valueOrDefault(env, "ATLAS_STREAMS_MCP_GROUPS_CLAIM"),
  };
}

function scopesIn(env: Environment): IssuerSettings["scopes"] {
  const name = "ATLAS_STREAMS_MCP_SCOPES";
  const given = valueOrDefault(env, name);
  const pairs = listIn(given).map((entry) => {
    // RFC 6749, section 3.3: what a scope may be made of.
    const [, key, scope] = /^(\w+)=([\x21\x23-\x5b\x5d-\x7e]+)$/.exec(entry) ?? [];
    const toolClass = toolClasses.find((each) => each === key);
    if (toolClass === undefined || scope === undefined) refuse(name, given, "read=NAME,write=NAME,delete=NAME");
    return [toolClass, scope] as const;
  });
  if (new Set(pairs.map(([toolClass]) => toolClass)).size < pairs.length)
    refuse(name, given, "read=NAME,write=NAME,delete=NAME, each once");
  // A class that is left out needs what the one before it needs: whoever limits writing has not let all delete.
  const named = new Map(pairs);
  let before: string | undefined;
  return Object.fromEntries(
    toolClasses.flatMap((toolClass) => {
      before = named.get(toolClass) ?? before;
      return before === undefined ? [] : [[toolClass, before]];
    }),
  );
}

function originsIn(env: Environment): string[] {
  const name = "ATLAS_STREAMS_MCP_ALLOWED_ORIGINS";
  return listIn(valueOrDefault(env, name)).map((given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url?.origin !== given.replace(/\/$/, "")) refuse(name, given, "origins such as https://app.example");
    return url.origin;
  });
}

function countIn(env: Environment, name: VariableName): number {
  const given = valueOrDefault(env, name);
  if (!/^[1-9]\d{0,8}$/.test(given)) refuse(name, given, "a whole number from 1 on");
  return Number(given);
}
