/**
 * Settings of a Kafka client that have a field of their own in a connection. People paste a `client.properties` into
 * `config`, and Atlas shows `config` to whoever may read the connection.
 * @see https://kafka.apache.org/documentation/#producerconfigs; https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
 */
import type { Path } from "../../json.ts";
import type { MovedSetting } from "../../schema/fields.ts";

const login = (field: string): Path => ["authentication", field];

const fields: Readonly<Record<string, Path>> = {
  "bootstrap.servers": ["bootstrapServers"],
  "security.protocol": ["security", "protocol"],
  "sasl.mechanism": login("mechanism"),
  "sasl.mechanisms": login("mechanism"),
  "sasl.username": login("username"),
  "sasl.password": login("password"),
  "sasl.oauthbearer.method": login("method"),
  "sasl.oauthbearer.client.id": login("clientId"),
  "sasl.oauthbearer.client.secret": login("clientSecret"),
  "sasl.oauthbearer.scope": login("scope"),
  "sasl.oauthbearer.extensions": login("saslOauthbearerExtensions"),
  "sasl.oauthbearer.token.endpoint.url": login("tokenEndpointUrl"),
  "ssl.ca.pem": ["security", "brokerPublicCertificate"],
  "ssl.certificate.pem": login("sslCertificate"),
  "ssl.key.pem": login("sslKey"),
  "ssl.key.password": login("sslKeyPassword"),
};

/** Login modules that take a user name and a password. */
const LOGIN_MODULE = /^\s*org\.apache\.kafka\.common\.security\.(plain\.Plain|scram\.Scram)LoginModule\s+required\b/;

/** Where a setting belongs, or nothing where it has no field; its name may be in camel case. */
export function kafkaSetting(setting: string, value: string): MovedSetting[] {
  const name = setting.replace(/([a-z0-9])([A-Z])/g, "$1.$2").toLowerCase();
  if (name === "sasl.jaas.config") return jaasLogin(value);
  const to = fields[name];
  return to ? [{ to, value }] : [];
}

/** User name and password of a JAAS configuration; nothing where it holds anything else. */
function jaasLogin(value: string): MovedSetting[] {
  if (!LOGIN_MODULE.test(value)) return [];
  const options = value.replace(LOGIN_MODULE, "").trim().replace(/;$/, "");
  const found = [...options.matchAll(/\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/gy)];
  if (
    found
      .map(([whole]) => whole)
      .join("")
      .trim() !== options.trim()
  )
    return [];
  const entries = found.map(([, key = "", double, single]): [string, string] => [
    key,
    (double ?? single ?? "").replace(/\\(.)/g, "$1"),
  ]);
  if (entries.length !== 2 || !["username", "password"].every((key) => entries.some(([each]) => each === key)))
    return [];
  return entries.map(([key, text]) => ({ to: login(key), value: text }));
}
