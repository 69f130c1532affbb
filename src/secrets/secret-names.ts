/**
 * What the name of a value says: whether it is a secret. One list for the parameters of URLs, the settings of clients,
 * and fields that the API does not document.
 */

const words = (list: string) => new Set(list.split(" "));

/** Words that say so wherever they stand. */
const ANYWHERE = words(
  "password passwords passwd passphrase passcode pwd secret secrets token credential credentials jaas apikey privatekey",
);

/** Words that say so at the end of a name. */
const AT_END = words(
  "pass pw creds key sig hmac otp totp pin ticket session refresh assertion auth authorization bearer jwt sas cookie cookies",
);

/** Words that say so where a name is nothing else. */
const ALONE = words("code");

/** The same for two words at the end, and for names without a gap between their words. */
const PAIRS = words(
  "user-info key-pem connection-string session-id secret-id auth-code authorization-code access-code otp-code",
);
const JOINED =
  /(password|passwd|passphrase|secret|token|credentials?|signature|(api|auth|access|secret|private|shared|account|signing|encryption|subscription)key|connectionstring|sessionid)$/;

/** What is about a secret and none itself, by the last word of its name. */
const ABOUT = words(
  "url uri location path file type class algorithm mechanism alias provider name ms seconds length iterations spec host port scope id policy enable enabled source endpoint serializer deserializer converter format version size count lifetime interval timeout expiry expires ttl prefix",
);

/** Keys that are none to a lock. */
const ORDINARY_KEYS = words(
  "partition-key public-key message-key record-key sort-key shard-key primary-key foreign-key",
);

/** `ssl.keyPassword` → ssl, key, password. */
const wordsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$3 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

/** Whether a value of this name is a secret: `ssl.key.password`, `access_token`, `apiSecret`. */
export function saysSecret(name: string): boolean {
  const all = wordsOf(name);
  const last = all.at(-1) ?? "";
  const pair = all.slice(-2).join("-");
  if (PAIRS.has(pair)) return true;
  if (ABOUT.has(last) || ORDINARY_KEYS.has(pair)) return false;
  if (all.length === 1 && ALONE.has(last)) return true;
  return AT_END.has(last) || all.some((word) => ANYWHERE.has(word)) || JOINED.test(all.join(""));
}

/** Headers that say how a message is written, not who sends it, in lower case. */
const PLAIN_HEADERS = new Set([
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-encoding"],
  ...["content-language", "content-type", "date", "host", "idempotency-key", "origin", "pragma", "user-agent"],
]);

export const isPlainHeader = (name: string): boolean => PLAIN_HEADERS.has(name.trim().toLowerCase());
