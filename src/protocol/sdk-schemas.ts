/**
 * How zod 4, in which both SDKs write their schemas, checks a message: it would compile each schema to code at its
 * first use. That makes the first answers late, and later ones hardly quicker. Loaded before either SDK.
 * @see https://zod.dev/v4#zod-config
 */
import { config } from "zod/v4/core";

config({ jitless: true });
