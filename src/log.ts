/** The server's log: one JSON line an entry on stderr, and whoever else listens, such as an MCP client. */
import { type LogLevel, logLevels } from "./config/settings.ts";
import type { JsonObject } from "./json.ts";

export interface LogEntry {
  level: LogLevel;
  message: string;
  /** Further facts, already free of secrets. */
  facts: Readonly<Record<string, unknown>>;
}

export type Log = Record<LogLevel, (message: string, facts?: Readonly<Record<string, unknown>>) => void> & {
  /** Calls `listener` for each entry of a level that it hears, which is every one by default. */
  listen(listener: (entry: LogEntry) => void, hears?: (level: LogLevel) => boolean): void;
  /** The same log, with these facts in every entry that is made through it. */
  with(facts: Readonly<Record<string, unknown>>): Log;
};

interface Options {
  /** Least level that is written. */
  level: LogLevel;
  /** Masks secrets in an entry. */
  redactor: { text(message: string): string; object(facts: JsonObject): JsonObject };
  write: (line: string) => void;
}

export function createLog({ level: least, redactor, write }: Options): Log {
  const listeners: { listener: (entry: LogEntry) => void; hears: (level: LogLevel) => boolean }[] = [];
  const at =
    (level: LogLevel, always: Readonly<Record<string, unknown>>): Log[LogLevel] =>
    (message, own = {}) => {
      const written = logLevels.indexOf(level) >= logLevels.indexOf(least);
      const heard = listeners.filter(({ hears }) => hears(level));
      // To mask secrets takes longer than all the rest of an entry.
      if (!written && heard.length === 0) return;
      const entry = { level, message: redactor.text(message), facts: redactor.object({ ...always, ...own }) };
      if (written)
        write(`${JSON.stringify({ time: new Date().toISOString(), level, message: entry.message, ...entry.facts })}\n`);
      for (const { listener } of heard) listener(entry);
    };
  const logWith = (always: Readonly<Record<string, unknown>>): Log => ({
    debug: at("debug", always),
    info: at("info", always),
    warning: at("warning", always),
    error: at("error", always),
    listen: (listener, hears = () => true) => listeners.push({ listener, hears }),
    with: (facts) => logWith({ ...always, ...facts }),
  });
  return logWith({});
}
