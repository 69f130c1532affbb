/**
 * The server's log: one JSON line an entry on stderr, and whoever else listens, such as an MCP client. Whoever logs masks
 * what comes from outside; the words are the server's own.
 */
import type { Clock } from "./clock.ts";
import { type LogLevel, logLevels } from "./config/settings.ts";

export interface LogEntry {
  level: LogLevel;
  message: string;
  /** Further facts. */
  facts: Readonly<Record<string, unknown>>;
}

export type Log = Record<LogLevel, (message: string, facts?: Readonly<Record<string, unknown>>) => void> & {
  /** Calls `listener` for each entry of a level that it hears, which is every one by default. */
  listen(listener: (entry: LogEntry) => void, hears?: (level: LogLevel) => boolean): void;
  /** The same log, with these facts in every entry that is made through it. */
  with(facts: Readonly<Record<string, unknown>>): Log;
};

interface LogOptions {
  /** Least level that is written. */
  level: LogLevel;
  /** Takes one line, without its end. */
  write: (line: string) => void;
  clock: Clock;
}

export function createLog({ level: least, write, clock }: LogOptions): Log {
  const listeners: { listener: (entry: LogEntry) => void; hears: (level: LogLevel) => boolean }[] = [];
  const at =
    (level: LogLevel, always: Readonly<Record<string, unknown>>): Log[LogLevel] =>
    (message, own = {}) => {
      const written = logLevels.indexOf(level) >= logLevels.indexOf(least);
      const heard = listeners.filter(({ hears }) => hears(level));
      if (!written && heard.length === 0) return;
      const facts = { ...always, ...own };
      const entry = { level, message, facts };
      const time = new Date(clock.now()).toISOString();
      if (written) write(JSON.stringify({ time, level, message, ...facts }));
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
