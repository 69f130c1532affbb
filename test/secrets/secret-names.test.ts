/** Every word of the one list that tells secrets by their names, and every exception: each has a name that only it decides. */
import { describe, expect, test } from "vitest";
import { isPlainHeader, saysSecret } from "../../src/secrets/secret-names.ts";

const words = (list: string) => list.trim().split(/\s+/);

describe("a name says that its value is a secret", () => {
  test.each(
    words(
      "password passwords passwd passphrase passcode pwd secret secrets token credential credentials jaas apikey privatekey",
    ),
  )("with the word %s anywhere", (word) => {
    for (const name of [`old.${word}.value`, `old_${word}-value`, `x${word[0]?.toUpperCase()}${word.slice(1)}Value`])
      expect([name, saysSecret(name)]).toEqual([name, true]);
  });

  test.each(
    words(
      "pass pw creds key sig hmac otp totp pin ticket session refresh assertion auth authorization bearer jwt sas cookie cookies",
    ),
  )("with the word %s at its end, and not before", (word) => {
    expect([word, `my.${word}`, `my_${word.toUpperCase()}`].map(saysSecret)).toEqual([true, true, true]);
    expect(saysSecret(`${word}.order`)).toBe(false);
  });

  test.each(
    words(
      "basic.auth.user.info ssl.key.pem connection.string session_id secretId auth.code authorization_code accessCode otp-code code",
    ),
  )("as %s", (name) => {
    expect(saysSecret(name)).toBe(true);
  });

  test.each(
    words(
      `dbpassword dbpasswd mypassphrase clientsecret accesstoken awscredential awscredentials hmacsignature xapikey
      xauthkey xaccesskey xsecretkey xprivatekey sharedkey accountkey signingkey encryptionkey subscriptionkey
      dbconnectionstring phpsessionid`,
    ),
  )("without a gap between its words: %s", (name) => {
    expect(saysSecret(name)).toBe(true);
  });

  test.each(
    words(
      `ssl.key.password ssl.keystore.password sasl.jaas.config sasl.oauthbearer.client.secret ssl.keystore.key
      sslKeyPassword aws.secret.access.key api_token access_token apiKey X-Amz-Signature client_secret
      sasl.oauthbearer.assertion azureSAS APIKey connectionString`,
    ),
  )("such as %s", (name) => {
    expect(saysSecret(name)).toBe(true);
  });
});

describe("a name says that its value is none", () => {
  test.each(
    words(
      `url uri location path file type class algorithm mechanism alias provider name ms seconds length iterations spec
      host port scope id policy enable enabled source endpoint serializer deserializer converter format version size
      count lifetime interval timeout expiry expires ttl prefix`,
    ),
  )("with the word %s at its end", (word) => {
    expect(saysSecret(`password.${word}`)).toBe(false);
  });

  test.each(words("partition public message record sort shard primary foreign"))("as the %s key", (word) => {
    expect([`${word}.key`, `${word}Key`].map(saysSecret)).toEqual([false, false]);
  });

  test.each(
    words(
      `auto.offset.reset ssl.keystore.type ssl.keystore.location ssl.certificate.pem ssl.ca.pem sasl.mechanism
      sasl.username key.serializer group.id sasl.oauthbearer.token.endpoint.url sasl.login.callback.handler.class
      token.endpoint basic.auth.credentials.source session.timeout.ms topic.metadata.refresh.interval.ms
      topic.metadata.refresh.sparse sasl.oauthbearer.assertion.claim.aud a page keyword tokenize region X-Amz-Date
      monkey bypass compass country.code errorCode max_tokens`,
    ),
  )("such as %s", (name) => {
    expect(saysSecret(name)).toBe(false);
  });
});

test.each(
  words(
    `Accept accept-charset Accept-Encoding accept-language Cache-Control content-encoding content-language Content-Type
    date host Idempotency-Key origin pragma User-Agent`,
  ),
)("the header %s is no secret by nature", (name) => {
  expect(isPlainHeader(` ${name} `)).toBe(true);
});

test.each(words("Authorization X-Api-Key X-Host Cookie X-Date key1"))("the header %s may be one", (name) => {
  expect(isPlainHeader(name)).toBe(false);
});
