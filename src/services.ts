/** Puts together what the tools work with, from checked settings. */
import { createAtlas } from "./atlas/atlas.ts";
import { systemClock } from "./atlas/clock.ts";
import type { OnAttempt } from "./atlas/http.ts";
import { type Settings, settingSecrets } from "./config/settings.ts";
import { createLog } from "./log.ts";
import { Redactor } from "./secrets/redactor.ts";
import { AskedSecrets } from "./tools/asked-secrets.ts";
import type { Services } from "./tools/tool.ts";

export function createServices(settings: Settings, env: NodeJS.ProcessEnv): Services {
  const redactor = new Redactor();
  redactor.add(settingSecrets(settings));
  const log = createLog({
    level: settings.logLevel,
    redact: (entry) => redactor.value(entry),
    write: (line) => process.stderr.write(line),
  });
  // A few tokens back, since an answer to a request with an old one may still be under way.
  const tokens: (() => void)[] = [];
  const onToken = (token: string) => {
    tokens.push(redactor.add([token]));
    if (tokens.length > 4) tokens.shift()?.();
  };
  const onAttempt: OnAttempt = (attempt) => log.debug("HTTP request", { ...attempt });
  const asked = new AskedSecrets((secrets) => redactor.add(secrets));
  return {
    settings,
    redactor,
    log,
    env,
    asked,
    abandoned: new Set(),
    atlas: createAtlas({ settings, clock: systemClock, onToken, onAttempt }),
  };
}
