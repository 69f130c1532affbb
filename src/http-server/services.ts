/**
 * The services that callers are served with: one set for each rule of the policy, or one for all without a policy.
 * Nothing is shared between the sets but the process.
 */
import type { Policy } from "../policy/policy.ts";
import { type Caller, isNoRule, type Rule } from "../policy/rule.ts";
import type { Services } from "../services.ts";

/** A set of services, for as long as one request needs it. */
export interface Lease {
  services: Services;
  /** The request has ended. */
  end(): void;
}

/** The sets that a policy makes. */
interface Sets {
  policy: Policy | undefined;
  /** By the name of the rule; by no name for whom no rule is, and where there is no policy. */
  byRule: ReadonlyMap<string, Services>;
}

export class ServiceSets {
  readonly #make: (rule: Rule | undefined) => Services;
  #sets: Sets;
  readonly #uses = new Map<Services, number>();
  /** Those of earlier policies that are still in use. */
  readonly #replaced = new Set<Services>();

  constructor(policy: Policy | undefined, make: (rule: Rule | undefined) => Services) {
    this.#make = make;
    this.#sets = this.#setsOf(policy);
  }

  /** From now on this policy counts; a request keeps the set that it began with. */
  replace(policy: Policy): void {
    const before = this.#sets;
    this.#sets = this.#setsOf(policy);
    for (const services of before.byRule.values()) {
      this.#replaced.add(services);
      this.#closeUnused(services);
    }
  }

  /** Every set, those included that are replaced and still in use. */
  get all(): Services[] {
    return [...this.#sets.byRule.values(), ...this.#replaced];
  }

  /** Whether every rule has credentials that can be used. */
  get haveCredentials(): boolean {
    return [...this.#sets.byRule.values()].every(
      ({ settings, rule }) => settings.credentials.kind !== "missing" || (rule && isNoRule(rule)),
    );
  }

  /** The set of the caller's rule. */
  lease(caller: Caller | undefined): Lease {
    const { policy, byRule } = this.#sets;
    const services = byRule.get(policy?.ruleFor(caller)?.name ?? "");
    if (!services) throw new Error("A rule without services");
    this.#uses.set(services, (this.#uses.get(services) ?? 0) + 1);
    return {
      services,
      end: () => {
        this.#uses.set(services, (this.#uses.get(services) ?? 1) - 1);
        this.#closeUnused(services);
      },
    };
  }

  #setsOf(policy: Policy | undefined): Sets {
    const rules = policy ? [...policy.rules, policy.nobody] : [undefined];
    return { policy, byRule: new Map(rules.map((rule) => [rule?.name ?? "", this.#make(rule)])) };
  }

  /** What was used under a rule stays masked for its callers, whatever else the policy says of it now. */
  #handDown({ rule, redactor }: Services): void {
    this.#sets.byRule.get(rule?.name ?? "")?.redactor.remember(redactor.remembered);
  }

  #closeUnused(services: Services): void {
    if (this.#replaced.has(services)) this.#handDown(services);
    if ((this.#uses.get(services) ?? 0) > 0) return;
    this.#uses.delete(services);
    if (!this.#replaced.has(services)) return;
    // What a call has left behind is still being found out.
    void Promise.allSettled(services.abandoned).then(() => {
      this.#replaced.delete(services);
      return close(services);
    });
  }
}

export async function close({ atlas, desk }: Services): Promise<void> {
  await Promise.all([atlas.close(), desk.close()]);
}
