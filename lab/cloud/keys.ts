import { createHash } from "node:crypto";
import type { SshKey } from "./account";
import { found, page, text, unprocessable, type Routes } from "./answers";
import type { Cloud } from "./cloud";

function view({ id, name, publicKey, fingerprint }: SshKey): object {
    return { id, name, public_key: publicKey, fingerprint };
}

function fingerprintOf(publicKey: string): string {
    const [, encoded] = /^\S+\s+(\S+)/.exec(publicKey) ?? [];
    if (encoded === undefined || !/^(ssh|ecdsa|sk-)\S+\s/.test(publicKey)) {
        throw unprocessable("Key invalid, key should be of the format `type key [comment]`");
    }
    const hash = createHash("md5").update(Buffer.from(encoded, "base64")).digest("hex");
    return hash.replace(/..(?!$)/g, "$&:");
}

/** Those that are meant by ids or fingerprints. */
export function keysNamed(cloud: Cloud, names: readonly unknown[]): SshKey[] {
    return names.map((name) => {
        const key = cloud.content.keys.find(({ id, fingerprint }) => [String(id), fingerprint].includes(String(name)));
        if (key === undefined) {
            const detail = "are invalid key identifiers for Droplet creation.";
            throw unprocessable(`${String(name)} ${detail}`);
        }
        return key;
    });
}

export function keyRoutes(cloud: Cloud): Routes {
    const { keys } = cloud.content;
    const one = (name = "") => found(keys.find(({ id, fingerprint }) => [String(id), fingerprint].includes(name)));
    return {
        "GET /v2/account/keys": (asked) => page("ssh_keys", keys.map(view), asked, "/v2/account/keys"),
        "POST /v2/account/keys": ({ body }) => {
            const publicKey = text(body, "public_key");
            const fingerprint = fingerprintOf(publicKey);
            if (keys.some((key) => key.fingerprint === fingerprint)) {
                throw unprocessable("SSH Key is already in use on your account");
            }
            const key = { id: cloud.number(), name: text(body, "name"), publicKey, fingerprint };
            keys.push(key);
            cloud.save();
            return { status: 201, body: { ssh_key: view(key) } };
        },
        "GET /v2/account/keys/:key": ({ params }) => ({ status: 200, body: { ssh_key: view(one(params.key)) } }),
        "PUT /v2/account/keys/:key": ({ params, body }) => {
            const key = one(params.key);
            key.name = text(body, "name");
            cloud.save();
            return { status: 200, body: { ssh_key: view(key) } };
        },
        "DELETE /v2/account/keys/:key": ({ params }) => {
            keys.splice(keys.indexOf(one(params.key)), 1);
            cloud.save();
            return { status: 204 };
        },
    };
}
