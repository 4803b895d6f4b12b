import type { Props } from "../core/values";
import type { Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { blocks, computed, given, schema } from "./schema";

const SCHEMA = schema(
    "spacesKey:SpacesKey",
    {
        accessKey: computed,
        createdAt: computed,
        grants: blocks({ bucket: given, permission: given }),
        name: given,
        secretKey: computed,
    },
    { required: ["name"], renamed: { grants: "grant" }, secrets: ["secretKey"] },
);

interface KeyView {
    readonly name: string;
    readonly access_key: string;
    readonly secret_key?: string;
    readonly created_at: string;
    readonly grants: readonly { readonly bucket: string; readonly permission: string }[];
}

/** The secret is told when the key is made, and only then. */
function stateOf(view: KeyView): Props {
    const secret = view.secret_key === undefined ? {} : { secretKey: view.secret_key };
    const grants = view.grants.map(({ bucket, permission }) => ({ bucket, permission }));
    return { name: view.name, accessKey: view.access_key, createdAt: view.created_at, grants, ...secret };
}

export function spacesKey(api: () => Api): Work {
    const path = (id: string) => `/v2/spaces/keys/${id}`;
    const body = ({ name, grants }: Props) => ({
        name,
        grants: ((grants ?? []) as Props[]).map(({ bucket, permission }) => ({ bucket: bucket ?? "", permission })),
    });
    return {
        schema: SCHEMA,
        async create(inputs) {
            const made = await doing("Error creating Spaces key: ", () => api().post("/v2/spaces/keys", body(inputs)));
            const key = made.key as KeyView;
            return { id: key.access_key, state: stateOf(key) };
        },
        async read(id) {
            const found = await doing("Error reading Spaces key: ", () => api().find(path(id)));
            return found === undefined ? undefined : stateOf(found.key as KeyView);
        },
        async update(id, inputs, _, state) {
            const now = await doing("Error updating Spaces key: ", () => api().put(path(id), body(inputs)));
            return { ...stateOf(now.key as KeyView), secretKey: state.secretKey };
        },
        async delete(id) {
            await doing("Error deleting Spaces key: ", () => api().delete(path(id)));
        },
    };
}
