/**
 * What is doubtful about a value, by the kind of its field. Atlas might take it, so it is a warning, and the value is
 * sent. A text that may hold a secret is not repeated.
 */
import { isLoopback } from "../config/settings.ts";
import type { Path } from "../json.ts";
import type { Trait } from "../schema/fields.ts";
import type { Quote } from "./connection-type.ts";

/** What to warn of in the value of a field that has this trait; `path` leads to it. */
export function doubtsOf(trait: Trait, value: string, quote: Quote, path: Path = []): string[] {
  const { holds, pem, roleArn, naming } = trait;
  if (isBlank(value, path, trait)) return [`is a blank of a template that was not filled in; ${MAY_REFUSE}`];
  if (pem) return pemDoubts(value, pem, holds === "secret" ? undefined : quote);
  if (holds === "hosts") return hostsDoubts(value, quote);
  if (holds === "url") return urlDoubts(value);
  return [
    ...(roleArn ? roleArnDoubts(value, quote) : []),
    ...(naming && !DOCUMENTED_NAME.test(value) ? [`${quote(value)} ${NOT_DOCUMENTED}`] : []),
    ...(/[\r\n]/.test(value) && !MULTILINE.test(value) ? [`holds a line break where none belongs; ${MAY_REFUSE}`] : []),
  ];
}

const MAY_REFUSE = "Atlas may refuse it";

const DOCUMENTED_NAME = /^[A-Za-z0-9.*_-]{1,64}$/;
const NOT_DOCUMENTED =
  "has more than 64 characters, or others than letters, digits and . - * _; Atlas may refuse or misread it";
/** Settings of a client that have several lines: PEM text, and a JAAS configuration. */
const MULTILINE = /-----BEGIN |LoginModule\s/;

/** What stands for a value in a template, such as `ROLE_ARN`, where it is no list. */
export function blankFor(path: Path, { holds }: Trait): string {
  if (holds === "hosts") return "HOST:PORT";
  if (holds === "url") return "https://HOST";
  return (path.findLast((step) => !/^\d+$/.test(step)) ?? "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

function isBlank(value: string, path: Path, trait: Trait): boolean {
  const blank = blankFor(path, trait);
  if (trait.holds === "url") return value === blank || value.startsWith(`${blank}/`);
  const entries = trait.holds === "hosts" ? value.split(",").map((entry) => entry.trim()) : [value];
  return blank !== "" && entries.some((entry) => [blank, "NAME", "BUCKET"].includes(entry));
}

/** Names of the machine that they are used on, which for Atlas is none of ours. */
const isOwnMachine = (host: string) => isLoopback(host.toLowerCase()) || host === "0.0.0.0";
const OWN_MACHINE = "names the machine that uses it, where Atlas can reach nothing of yours";

/** What MongoDB's provider for Terraform has in its examples passes without a word. */
const EXAMPLE_HOSTS = "localhost:9092,localhost:9092";

function urlDoubts(url: string): string[] {
  return [
    ...(/\s/.test(url) ? [`holds a space, which a URL writes as %20; ${MAY_REFUSE}`] : []),
    ...(URL.canParse(url) && isOwnMachine(new URL(url).hostname) ? [OWN_MACHINE] : []),
  ];
}

/** What may be wrong with a host that should be `host:port`; the first that fits counts. */
const hostFaults: readonly { is: (host: string) => boolean; message: (host: string, quote: Quote) => string }[] = [
  { is: (host) => host === "", message: () => "holds an empty entry" },
  {
    is: (host) => SCHEME.test(host),
    message: (host, quote) => `a host has no scheme (host:port); ${quote(SCHEME.exec(host)?.[0] ?? "")} was given`,
  },
  // A login or a parameter may be a secret.
  { is: (host) => /[@/?#]/.test(host), message: () => "a host has no user, path or parameters (host:port)" },
  {
    is: (host) => /[\s;|]/.test(host),
    message: (host, quote) => `hosts are separated by commas; ${quote(host)} was given`,
  },
  { is: (host) => !PORT.test(host), message: () => "a host normally needs a port (host:port)" },
  {
    is: (host) => !isPort(PORT.exec(host)?.[1]),
    message: (host, quote) => `a port is a number from 1 to 65535; ${quote(host)} was given`,
  },
];

const SCHEME = /^[a-z][\w+.-]*:\/\//i;
const PORT = /[^:]:(\d+)$/;
const isPort = (digits = "") => Number(digits) >= 1 && Number(digits) <= 65535;

/** One doubt of each kind, however many hosts there are. */
function hostsDoubts(list: string, quote: Quote): string[] {
  const faulty = new Map<(typeof hostFaults)[number], string>();
  for (const entry of list.split(",")) {
    const host = entry.trim();
    const fault = hostFaults.find(({ is }) => is(host));
    if (fault && !faulty.has(fault)) faulty.set(fault, host);
  }
  const isOwn =
    list !== EXAMPLE_HOSTS && list.split(",").some((entry) => isOwnMachine(entry.trim().replace(/:\d+$/, "")));
  return [
    ...[...faulty].map(([{ message }, host]) => `${message(host, quote)}; ${MAY_REFUSE}`),
    ...(isOwn ? [OWN_MACHINE] : []),
  ];
}

/** What begins like a path, or ends like the name of a file that has a certificate or a key. */
const PATH = /^(?:~|\.{0,2}[\\/]|[a-z]:[\\/]|file:).*$|^.*\.(?:pem|crt|cer|der|key|p12|pfx|jks)$/i;

/** `quote` is left out where the text is a secret. */
function pemDoubts(value: string, needed: NonNullable<Trait["pem"]>, quote?: Quote): string[] {
  const text = value.trim();
  if (text === "") return [];
  const lines = text.split(/\r\n?|\n/).map((line) => line.trim());
  const labels = (edge: RegExp) => lines.flatMap((line) => edge.exec(line)?.[1] ?? []);
  const begun = labels(/^-----BEGIN ([A-Z0-9 ]+)-----$/);
  const ended = labels(/^-----END ([A-Z0-9 ]+)-----$/);
  const holds = (kind: string) => begun.some((label) => label.endsWith(kind.toUpperCase()));

  if (begun.length === 0) {
    if (text.includes("-----BEGIN ")) return [`has lost its line breaks, which PEM text needs; ${MAY_REFUSE}`];
    const what = PATH.test(text) ? `${quote ? `${quote(text)} ` : ""}is a path, not PEM text` : "is not PEM text";
    return [`${what}; give the contents of the file (-----BEGIN ${needed.toUpperCase()}-----…)`];
  }
  if (begun.join() !== ended.join()) return [`has a -----BEGIN without its -----END; ${MAY_REFUSE}`];
  if (!holds(needed)) return [`holds no ${needed}; ${MAY_REFUSE}`];
  return [];
}

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

function roleArnDoubts(arn: string, quote: Quote): string[] {
  if (ROLE_ARN.test(arn)) return [];
  return [`${quote(arn)} is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME); ${MAY_REFUSE}`];
}
