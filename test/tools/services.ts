/** What tools work with, made by hand: an Atlas that answers as the test says, and a log that can be read. */
import { readSettings, type Settings } from "../../src/config/settings.ts";
import { isObject } from "../../src/json.ts";
import { createLog, type LogEntry } from "../../src/log.ts";
import { Redactor } from "../../src/secrets/redactor.ts";
import { AskedSecrets } from "../../src/tools/asked-secrets.ts";
import { callTool } from "../../src/tools/call-tool.ts";
import { PersonNeeded } from "../../src/tools/person.ts";
import type { Result } from "../../src/tools/result.ts";
import type { CallContext, Services } from "../../src/tools/tool.ts";
import { type FakeAtlas, fakeAtlas, type Reply } from "../atlas/fake-atlas.ts";

export const place = { groupId: "32b6e34b3d91647abb20e7b8", tenantName: "orders" };

export interface FakeServices extends Services {
  atlas: FakeAtlas;
  /** Everything that was logged, of whatever level. */
  logged: readonly LogEntry[];
}

interface Options {
  reply?: Reply;
  settings?: Partial<Settings>;
  env?: Record<string, string>;
}

/** An Atlas that creates whatever it is asked to. */
const obliging: Reply = ({ method, body }) => (method === "POST" && isObject(body) ? { ...body, state: "READY" } : {});

export function fakeServices({ reply = obliging, settings, env = {} }: Options = {}): FakeServices {
  const redactor = new Redactor();
  const logged: LogEntry[] = [];
  const log = createLog({ level: "error", redact: (entry) => redactor.value(entry), write: () => {} });
  log.listen((entry) => logged.push(entry));
  const asked = new AskedSecrets((secrets) => redactor.add(secrets));
  return {
    settings: { ...readSettings({}), ...settings },
    redactor,
    log,
    env,
    asked,
    abandoned: new Set(),
    atlas: fakeAtlas(reply),
    logged,
  };
}

/** A call that nobody cancels; the secrets that it keeps are kept for good. */
export function fakeContext(over: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, canOpenPages: false, keepSecret: () => {}, ...over };
}

/** Calls `create_stream_connection` as the protocol does. */
export async function create(args: unknown, services: FakeServices): Promise<Result> {
  const { signal } = new AbortController();
  const result = await callTool("create_stream_connection", args, services, { signal });
  if (result instanceof PersonNeeded) throw new Error("Nobody was there to ask");
  return result;
}
