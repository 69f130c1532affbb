/** The services that callers are served with: one set for each rule of the policy, or one for all without a policy. */
import type { Services } from "../services.ts";

/** A set of services, for as long as one request needs it. */
export interface Lease {
  services: Services;
  /** The request has ended. */
  end(): void;
}

/** Sets of services, of which those that nobody uses any more are closed once they were replaced. */
export class ServiceSets {
  #sets: readonly Services[] = [];
  readonly #uses = new Map<Services, number>();
  readonly #replaced = new Set<Services>();

  /** From now on there are these. */
  replace(sets: readonly Services[]): void {
    const before = this.#sets;
    this.#sets = sets;
    for (const services of before) {
      this.#replaced.add(services);
      this.#closeUnused(services);
    }
  }

  /** Every set that is there, those included that are replaced and still in use. */
  get all(): Services[] {
    return [...this.#sets, ...this.#replaced];
  }

  lease(services: Services): Lease {
    this.#uses.set(services, (this.#uses.get(services) ?? 0) + 1);
    return {
      services,
      end: () => {
        this.#uses.set(services, (this.#uses.get(services) ?? 1) - 1);
        this.#closeUnused(services);
      },
    };
  }

  #closeUnused(services: Services): void {
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
