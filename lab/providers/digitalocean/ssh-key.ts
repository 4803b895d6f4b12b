import type { Props } from "../core/values";
import type { Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { computed, given, schema } from "./schema";

const SCHEMA = schema(
    "sshKey:SshKey",
    { fingerprint: computed, name: given, publicKey: given },
    { required: ["name", "publicKey"], forcesReplacement: ["publicKey"], timeouts: { create: 120e9 } },
);

interface KeyView {
    readonly id: number;
    readonly name: string;
    readonly public_key: string;
    readonly fingerprint: string;
}

function stateOf(answer: Props): Props {
    const { name, public_key: publicKey, fingerprint } = answer.ssh_key as KeyView;
    return { name, publicKey, fingerprint };
}

export function sshKey(api: () => Api): Work {
    return {
        schema: SCHEMA,
        async create({ name, publicKey }) {
            const made = await doing("Error creating SSH Key: ", () =>
                api().post("/v2/account/keys", { name, public_key: publicKey }),
            );
            return { id: String((made.ssh_key as KeyView).id), state: stateOf(made) };
        },
        async read(id) {
            const found = await doing("Error retrieving SSH key: ", () => api().find(`/v2/account/keys/${id}`));
            return found === undefined ? undefined : stateOf(found);
        },
        async update(id, { name }) {
            const path = `/v2/account/keys/${id}`;
            return stateOf(await doing("Failed to update SSH key: ", () => api().put(path, { name })));
        },
        async delete(id) {
            await doing("Error deleting SSH key: ", () => api().delete(`/v2/account/keys/${id}`));
        },
    };
}
