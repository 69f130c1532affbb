/**
 * Windows: documents are collected by their times, and what a pipeline makes of them comes out when a window closes.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/windows/
 */
import { Untried } from "../failures.ts";
import type { Document, MakeOperator, Message, Operator, Outlet, Surroundings } from "../operator.ts";
import { isDocument, keyOf, wholeOf } from "../values/values.ts";
import { shownIn } from "./meta.ts";

const unitLengths: Readonly<Record<string, number>> = {
  ms: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** A duration in milliseconds; a plain 0 is one too. @throws {Untried} for a unit that is not documented. */
function lengthOf(duration: unknown, sizeField = "size"): number {
  if (!isDocument(duration)) return wholeOf(duration) ?? 0;
  const unit = String(duration["unit"]);
  const length = Object.hasOwn(unitLengths, unit) ? unitLengths[unit] : undefined;
  if (length === undefined) throw new Untried(`${unit} is no unit that windows are documented to have`);
  return (wholeOf(duration[sizeField]) ?? 0) * length;
}

/** Where the page says nothing else. */
const USUAL_LATENESS = 3_000;

const LATE = "Input document arrived late.";

/** What all windows have. */
interface Timing {
  pipeline: readonly unknown[];
  lateness: number;
  /** The time that counts for a window. */
  timeOf(message: Message): number;
  /** Windows go by the clock, on which nothing is late. */
  isByClock: boolean;
}

function timingOf(body: Document): Timing {
  const { pipeline, allowedLateness, boundary = "eventTime" } = body;
  const isByClock = boundary === "processingTime";
  if (!isByClock && boundary !== "eventTime") throw new Untried("a boundary that windows are not documented to have");
  return {
    pipeline: Array.isArray(pipeline) ? pipeline : [],
    lateness: isByClock ? 0 : allowedLateness === undefined ? USUAL_LATENESS : lengthOf(allowedLateness),
    timeOf: ({ time, arrival }) => (isByClock ? (arrival ?? time) : time),
    isByClock,
  };
}

/** One window at work: what comes out of its pipeline waits until it closes. */
class OpenWindow {
  readonly #operator: Operator;
  readonly #held: Message[] = [];
  readonly #window: Document;
  readonly #start: number;
  readonly #metaField: string | undefined;

  constructor(window: Document, start: number, pipeline: readonly unknown[], { inner, metaField }: Surroundings) {
    this.#operator = inner(pipeline);
    this.#window = window;
    this.#start = start;
    this.#metaField = metaField;
  }

  #inside(out: Outlet): Outlet {
    return {
      emit: (message) => void this.#held.push({ ...message, time: this.#start }),
      deadLetter: (message, reason) => out.deadLetter(message, reason),
      untried: (why) => out.untried(why),
    };
  }

  push(message: Message, out: Outlet): void {
    const meta = { ...message.meta, window: this.#window };
    this.#operator.push(shownIn({ ...message, meta }, this.#metaField), this.#inside(out));
  }

  close(out: Outlet): void {
    this.#operator.end?.(this.#inside(out));
    for (const message of this.#held) out.emit(message);
  }
}

/** Documents in more windows than that are none that a trial computes. */
const MOST_WINDOWS = 10_000;

/** Windows of one length that start at fixed distances; from `offset` on, counted from 1970. */
function regular(body: Document, surroundings: Surroundings, size: number, hop: number): Operator {
  const { pipeline, lateness, timeOf, isByClock } = timingOf(body);
  const offset = lengthOf(body["offset"], "offsetFromUtc");
  if (size / hop > MOST_WINDOWS) throw new Untried(`more than ${MOST_WINDOWS} windows for each document`);
  const open = new Map<number, OpenWindow>();
  /** Windows that end by then are closed. */
  let closedUpTo = Number.NEGATIVE_INFINITY;

  const closeUpTo = (time: number, out: Outlet) => {
    closedUpTo = Math.max(closedUpTo, time);
    const ended = [...open.keys()].filter((start) => start + size <= closedUpTo).sort((a, b) => a - b);
    for (const start of ended) {
      const window = open.get(start);
      open.delete(start);
      window?.close(out);
    }
  };
  /** Starts of the windows that a time is in, the oldest first. */
  const startsOf = (time: number): number[] => {
    const newest = Math.floor((time - offset) / hop) * hop + offset;
    const count = Math.max(Math.ceil((newest + size - time) / hop), 0);
    return Array.from({ length: count }, (_, index) => newest - (count - 1 - index) * hop);
  };
  const windowAt = (start: number): OpenWindow => {
    const known = open.get(start);
    if (known) return known;
    const meta = { start: new Date(start), end: new Date(start + size) };
    const window = new OpenWindow(meta, start, pipeline, surroundings);
    open.set(start, window);
    return window;
  };
  return {
    push(message, out) {
      const time = timeOf(message);
      if (isByClock) closeUpTo(time, out);
      const starts = startsOf(time);
      // One that missed some of its windows is in the others, and in the dead letter queue for those.
      if (starts.some((start) => start + size <= closedUpTo)) out.deadLetter(message, LATE);
      for (const start of starts) if (start + size > closedUpTo) windowAt(start).push(message, out);
    },
    advance(time, out) {
      if (!isByClock) closeUpTo(time - lateness, out);
    },
    end: (out) => closeUpTo(Number.POSITIVE_INFINITY, out),
  };
}

const asBody = (body: unknown): Document => (isDocument(body) ? body : {});

/** What is wrong inside is told before the first document. */
const checked =
  (make: (body: Document, surroundings: Surroundings) => Operator): MakeOperator =>
  (body, surroundings) => {
    const document = asBody(body);
    surroundings.inner(timingOf(document).pipeline);
    return make(document, surroundings);
  };

const $tumblingWindow = checked((body, surroundings) => {
  const size = lengthOf(body["interval"]);
  return regular(body, surroundings, size, size);
});

const $hoppingWindow = checked((body, surroundings) =>
  regular(body, surroundings, lengthOf(body["interval"]), lengthOf(body["hopSize"])),
);

interface Session {
  start: number;
  /** The largest time in it. */
  last: number;
  messages: { message: Message; order: number }[];
}

/** Sessions grow and grow together, so their documents are kept until they close. */
const $sessionWindow = checked((body, surroundings) => {
  const { pipeline, lateness, timeOf, isByClock } = timingOf(body);
  const gap = lengthOf(body["gap"]);
  const partitionOf = surroundings.expression(body["partitionBy"]);
  const partitions = new Map<string, { partition: unknown; sessions: Session[] }>();
  let [closedUpTo, count] = [Number.NEGATIVE_INFINITY, 0];

  const closeUpTo = (time: number, out: Outlet) => {
    closedUpTo = Math.max(closedUpTo, time);
    const ended = [...partitions.values()].flatMap((each) => {
      const closing = each.sessions.filter(({ last }) => last + gap <= closedUpTo);
      each.sessions = each.sessions.filter((session) => !closing.includes(session));
      return closing.map((session) => ({ session, partition: each.partition }));
    });
    for (const [key, { sessions }] of partitions) if (sessions.length === 0) partitions.delete(key);
    for (const { session, partition } of ended.sort((a, b) => a.session.last - b.session.last)) {
      const { start, last, messages } = session;
      const meta = {
        start: new Date(start),
        end: new Date(last + gap),
        ...(partition !== undefined && { partition }),
      };
      const window = new OpenWindow(meta, start, pipeline, surroundings);
      for (const { message } of messages.sort((a, b) => a.order - b.order)) window.push(message, out);
      window.close(out);
    }
  };
  return {
    push(message, out) {
      const time = timeOf(message);
      if (isByClock) closeUpTo(time, out);
      const partition = partitionOf(message);
      const key = keyOf(partition);
      const known = partitions.get(key) ?? { partition, sessions: [] };
      const near = known.sessions.filter(({ start, last }) => time - last < gap && start - time < gap);
      if (near.length === 0 && time < closedUpTo) return out.deadLetter(message, LATE);
      count += 1;
      const session = {
        start: Math.min(time, ...near.map(({ start }) => start)),
        last: Math.max(time, ...near.map(({ last }) => last)),
        messages: [...near.flatMap(({ messages }) => messages), { message, order: count }],
      };
      known.sessions = [...known.sessions.filter((each) => !near.includes(each)), session];
      partitions.set(key, known);
    },
    advance(time, out) {
      if (!isByClock) closeUpTo(time - lateness, out);
    },
    end: (out) => closeUpTo(Number.POSITIVE_INFINITY, out),
  };
});

export const windowStages: Readonly<Record<string, MakeOperator>> = { $tumblingWindow, $hoppingWindow, $sessionWindow };
