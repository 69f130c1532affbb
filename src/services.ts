/** Puts together what the tools work with, from checked settings. */
import { createAtlas } from "./atlas/atlas.ts";
import type { OnAttempt } from "./atlas/http.ts";
import { systemClock } from "./clock.ts";
import { type Settings, settingSecrets } from "./config/settings.ts";
import { createLog } from "./log.ts";
import { keepReachable } from "./secrets/reachable.ts";
import { Redactor } from "./secrets/redactor.ts";
import type { Services } from "./tool/context.ts";
import { PageDesk } from "./tools/secrets/desk.ts";

export function createServices(settings: Settings, env: NodeJS.ProcessEnv): Services {
  const redactor = new Redactor();
  redactor.add(settingSecrets(settings));
  const log = createLog({
    level: settings.logLevel,
    write: (line) => process.stderr.write(`${redactor.line(line)}\n`),
  });
  // A few tokens back, since an answer to a request with an old one may still be under way.
  const tokens: (() => void)[] = [];
  const onToken = (token: string) => {
    tokens.push(redactor.add([token]));
    if (tokens.length > 4) tokens.shift()?.();
  };
  const onAttempt: OnAttempt = (attempt) => log.debug("HTTP request", { ...attempt });
  const mask = (text: string) => redactor.text(text);
  const { secretEnv, secretDir } = settings;
  const keep = (values: Iterable<string>) => void redactor.add(values);
  return {
    settings,
    redactor,
    log,
    env,
    keepFiles: keepReachable({ env, secretEnv, ...(secretDir !== undefined && { secretDir }), keep }),
    desk: new PageDesk((secrets) => redactor.add(secrets), systemClock),
    abandoned: new Set(),
    atlas: createAtlas({ settings, clock: systemClock, onToken, mask, onAttempt }),
  };
}
