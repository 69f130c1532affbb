/** What tools work with, made by hand: an Atlas that answers as the test says, and a log that can be read. */
import { Restarts } from "../../src/atlas/restarts.ts";
import { systemClock } from "../../src/clock.ts";
import { readSettings, type Settings } from "../../src/config/settings.ts";
import { isObject } from "../../src/json.ts";
import { createLog, type LogEntry } from "../../src/log.ts";
import { SecretDesk } from "../../src/secret-page/desk.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { keepReachable } from "../../src/secrets/reachable.ts";
import { Redactor } from "../../src/secrets/redactor.ts";
import type { Services } from "../../src/services.ts";
import { type CallClient, runTool } from "../../src/tool/call.ts";
import type { Tool } from "../../src/tool/define.ts";
import createStreamConnection from "../../src/tools/connections/create.ts";
import { Turns } from "../../src/turns.ts";
import { type FakeAtlas, fakeAtlas, type Reply } from "../atlas/fake-atlas.ts";
import type { Result } from "./call-result.ts";

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
  const atlas = fakeAtlas(reply, { mask: (text) => redactor.text(text) });
  const log = createLog({ level: "error", write: () => {}, clock: atlas.clock });
  log.listen((entry) => logged.push(entry));
  return {
    settings: { ...readSettings({}), ...settings },
    redactor,
    log,
    env,
    keepFiles: keepReachable({
      env,
      secretEnv: readSettings({}).secretEnv,
      keep: (value) => redactor.add([value]),
    }),
    desk: new SecretDesk((secrets) => redactor.remember(secrets), systemClock),
    abandoned: new Set(),
    restarts: new Restarts(atlas, log, (name) => redactor.field(name)),
    turns: new Turns(),
    atlas,
    logged,
  };
}

/** Calls a tool as the protocol does. */
export async function call(
  tool: Tool,
  args: unknown,
  services: FakeServices,
  client: Partial<CallClient> = {},
): Promise<Result> {
  const result = await runTool(tool, args, services, { signal: new AbortController().signal, ...client });
  if (result instanceof PersonNeeded) throw new Error("Nobody was there to ask");
  return result.content as Result;
}

/** Calls `create_stream_connection`. */
export const create = (args: unknown, services: FakeServices, client?: Partial<CallClient>): Promise<Result> =>
  call(createStreamConnection, args, services, client);
