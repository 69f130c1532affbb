/** What the audit tells of one call: its two lines, or one for a refusal. */
import type { AtlasRequest } from "../atlas/endpoints.ts";
import { AtlasFailure } from "../atlas/failure.ts";
import type { Attempt } from "../atlas/http.ts";
import { isObject } from "../json.ts";
import type { Mask } from "../mask.ts";
import { knownRequest } from "../policy/requests.ts";
import type { Caller, Rule } from "../policy/rule.ts";
import { type Audit, AuditFailure, type AuditLine } from "./audit.ts";

/** What is known of a call while it is under way. */
export interface CallFacts {
  requestId: string;
  traceId?: string | undefined;
  caller?: Caller | undefined;
  /** What the program calls itself through which nobody known calls. */
  clientName?: string | undefined;
  rule?: Rule | undefined;
  /** Where the credentials come from. */
  credential: string;
  tool: string;
  /** Milliseconds since 1970. */
  began: number;
}

/** What its arguments say, once they are read. */
export interface CallPlace {
  place: Readonly<Record<string, string>>;
  isDry: boolean;
}

interface Dependencies {
  /** For names, in which an agent may have written anything. */
  mask: Mask;
  now: () => number;
  /** Told of a line that could not be written and stops nothing. */
  onLost: (why: string) => void;
}

/** Longer names are cut: a line is written in one piece. */
const MOST_CHARACTERS = 300;

export class CallRecord {
  readonly #audit: Audit;
  readonly #facts: CallFacts;
  readonly #of: () => CallPlace | undefined;
  readonly #by: Dependencies;
  readonly #requests: { method: string; path: string; status?: number }[] = [];
  #begun: Promise<void> | undefined;
  #name: string | undefined;
  #isRefused = false;

  constructor(audit: Audit, facts: CallFacts, of: () => CallPlace | undefined, by: Dependencies) {
    this.#audit = audit;
    this.#facts = facts;
    this.#of = of;
    this.#by = by;
  }

  /** Resolves once it is written down that the call writes. @throws {AtlasFailure} where it cannot be: nothing is sent then. */
  begin(request: AtlasRequest): Promise<void> {
    this.#begun ??= this.#writeFirst(request).catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    return this.#begun;
  }

  async #writeFirst(request: AtlasRequest): Promise<void> {
    this.#name ??= nameIn(request);
    const first = { method: request.method, path: request.path.replace(/\?.*/, "") };
    try {
      await this.#audit.flushed(this.#line("begin", { requests: [first].map((each) => this.#shown(each)) }));
    } catch (error) {
      if (!(error instanceof AuditFailure)) throw error;
      throw new AtlasFailure("configuration", `The audit cannot be written (${error.message}), so nothing is changed`, {
        isUnaudited: true,
        retryable: false,
      });
    }
  }

  /** A request was sent. */
  attempted({ method, path, status }: Attempt): void {
    if (method !== "GET") this.#requests.push({ method, path, ...(status !== undefined && { status }) });
  }

  /** The policy refused something of it: a request, or the tool as such. */
  refused(request?: AtlasRequest): void {
    this.#isRefused = true;
    if (request) this.#name ??= nameIn(request);
  }

  end({ outcome, errorKind }: { outcome: string; errorKind?: string | undefined }): void {
    if (!this.#begun && !this.#isRefused) return;
    const requests = this.#requests.map((each) => this.#shown(each));
    try {
      this.#audit.written(this.#line("end", { outcome, ...(errorKind !== undefined && { errorKind }), requests }));
    } catch (error) {
      if (!(error instanceof AuditFailure)) throw error;
      this.#by.onLost(error.message);
    }
  }

  #shown<T extends { path: string }>(request: T): T {
    return { ...request, path: this.#by.mask(request.path) };
  }

  #line(phase: AuditLine["phase"], more: Pick<AuditLine, "outcome" | "errorKind" | "requests">): AuditLine {
    const { requestId, traceId, caller, clientName, rule, credential, tool, began } = this.#facts;
    const { place = {}, isDry = false } = this.#of() ?? {};
    const { groupId, tenantName, ...inside } = place;
    const [own] = Object.values(inside);
    const name = own ?? this.#name;
    const now = this.#by.now();
    const shown = (field: string, text: string | undefined) =>
      text === undefined ? {} : { [field]: this.#by.mask(text).slice(0, MOST_CHARACTERS) };
    return {
      time: new Date(now).toISOString(),
      requestId,
      ...(traceId !== undefined && { traceId }),
      phase,
      ...shown("subject", caller?.subject),
      ...shown("client", caller ? caller.client : clientName),
      ...(rule && { rule: rule.name }),
      credential,
      tool,
      ...shown("groupId", groupId),
      ...shown("tenantName", tenantName),
      ...shown("name", name),
      dryRun: isDry,
      ...more,
      ms: now - began,
    };
  }
}

/** What a request is about, by its path, or for something new, by its body. */
function nameIn(request: AtlasRequest): string | undefined {
  const { connectionName, processorName, connectionId, id } = knownRequest(request)?.names ?? {};
  const created = isObject(request.body) ? request.body["name"] : undefined;
  return connectionName ?? processorName ?? connectionId ?? id ?? (typeof created === "string" ? created : undefined);
}
