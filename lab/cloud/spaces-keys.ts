import type { SpacesKey } from "./account";
import { found, list, page, text, unprocessable, type Asked, type Routes } from "./answers";
import type { Cloud } from "./cloud";

const PERMISSIONS = ["read", "readwrite", "fullaccess"];

/** The secret is told once, when the key is made. */
function view({ name, accessKey, created, grants }: SpacesKey): object {
    return { name, access_key: accessKey, grants, created_at: created };
}

function grantsOf(body: Asked["body"]): SpacesKey["grants"] {
    const grants = list<SpacesKey["grants"][number]>(body, "grants");
    for (const { bucket, permission } of grants) {
        if (!PERMISSIONS.includes(permission) || (permission === "fullaccess") !== (bucket === "")) {
            throw unprocessable("a grant is fullaccess and no bucket, or read or readwrite and a bucket");
        }
    }
    return grants;
}

/** Each bucket that the grants name is used by whom the account says now. */
async function share(cloud: Cloud, grants: SpacesKey["grants"]): Promise<void> {
    for (const bucket of new Set(grants.map((grant) => grant.bucket).filter((name) => name !== ""))) {
        await cloud.share(bucket);
    }
}

export function spacesKeyRoutes(cloud: Cloud): Routes {
    const { spacesKeys } = cloud.content;
    const one = (asked: Asked) => found(spacesKeys.find(({ accessKey }) => accessKey === asked.params.key));
    return {
        "GET /v2/spaces/keys": (asked) => page("keys", spacesKeys.map(view), asked, "/v2/spaces/keys"),
        "POST /v2/spaces/keys": async ({ body }) => {
            const [name, grants] = [text(body, "name"), grantsOf(body)];
            const { id, secret } = cloud.accessKey();
            const key: SpacesKey = { name, accessKey: id, secretKey: secret, created: cloud.now(), grants };
            await cloud.objects.putUser(key);
            spacesKeys.push(key);
            cloud.save();
            await share(cloud, grants);
            return { status: 201, body: { key: { ...view(key), secret_key: secret } } };
        },
        "GET /v2/spaces/keys/:key": (asked) => ({ status: 200, body: { key: view(one(asked)) } }),
        "PUT /v2/spaces/keys/:key": async (asked) => {
            const key = one(asked);
            const before = key.grants;
            Object.assign(key, { name: text(asked.body, "name"), grants: grantsOf(asked.body) });
            cloud.save();
            await cloud.objects.putUser(key);
            await share(cloud, [...before, ...key.grants]);
            return { status: 200, body: { key: view(key) } };
        },
        "DELETE /v2/spaces/keys/:key": async (asked) => {
            const key = one(asked);
            await cloud.objects.removeUser(key.accessKey);
            spacesKeys.splice(spacesKeys.indexOf(key), 1);
            cloud.save();
            await share(cloud, key.grants);
            return { status: 204 };
        },
    };
}
