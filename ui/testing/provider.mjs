/**
 * A real provider of OpenID Connect for the end-to-end tests: `oidc-provider`, on the loopback, with
 * keys of its own that are new at each start. Whoever names themselves to it is believed.
 *
 *     node testing/provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
 *
 * Prints "ready" once it answers.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";

import { Provider } from "oidc-provider";

const [port, id, secret, redirect] = process.argv.slice(2);
const keys = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
].map(({ privateKey }, at) => ({
    ...privateKey.export({ format: "jwk" }),
    use: "sig",
    kid: `${at}-${randomBytes(6).toString("hex")}`,
}));
const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: id, client_secret: secret, redirect_uris: [redirect] }],
    cookies: { keys: [randomBytes(32).toString("hex")] },
    jwks: { keys },
    // Its own pages for signing in and consenting, made for trying it out.
    features: { devInteractions: { enabled: true } },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
