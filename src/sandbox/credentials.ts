/**
 * The credentials that the sandbox takes: fixed, public and good for nothing else, in the form of Atlas's own.
 * The secret holds underscores because a client that form-encodes it before HTTP Basic is refused by Atlas.
 */
export const sandboxCredentials = {
  clientId: "mdb_sa_id_65f1c0de0a1b2c3d4e5f60aa",
  clientSecret: "mdb_sa_sk_sandbox_only_and_no_real_secret_00",
  accessToken: "sandbox.ready-made-access-token.0123456789abcdef",
  publicKey: "sandboxk",
  privateKey: "5a6d1b3c-0f2e-4c7a-9b8d-1e2f3a4b5c6d",
} as const;
