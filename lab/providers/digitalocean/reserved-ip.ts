import { hasValue, type Props } from "../core/values";
import type { Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { given, computed, givenOrComputed, schema } from "./schema";
import { unique } from "./unique";

const SCHEMA = schema(
    "reservedIp:ReservedIp",
    { dropletId: given, ipAddress: givenOrComputed, region: given, reservedIpUrn: computed },
    { required: ["region"], forcesReplacement: ["region"], renamed: { reservedIpUrn: "urn" } },
);

const ASSIGNMENT = schema(
    "reservedIpAssignment:ReservedIpAssignment",
    { dropletId: given, ipAddress: given },
    { required: ["dropletId", "ipAddress"], forcesReplacement: ["dropletId", "ipAddress"] },
);

interface ReservedIpView {
    readonly ip: string;
    readonly region: { readonly slug: string };
    readonly droplet: { readonly id: number } | null;
}

const path = (address: unknown) => `/v2/reserved_ips/${String(address)}`;

/** Gives the address to a droplet when nothing else is done to that, or takes it away. */
async function assign(api: Api, address: unknown, dropletId: unknown): Promise<void> {
    if (!hasValue(dropletId)) {
        await api.act(path(address), { type: "unassign" });
        return;
    }
    await api.until(async () => {
        const { actions } = await api.get(`/v2/droplets/${String(dropletId)}/actions?per_page=50`);
        return (actions as { status: string }[]).every(({ status }) => status !== "in-progress");
    });
    await doing(`Error Assigning reserved IP (${String(address)}) to the droplet: `, () =>
        api.act(path(address), { type: "assign", droplet_id: Number(dropletId) }),
    );
}

export function reservedIp(api: () => Api): Work {
    /** A droplet that has it is only told where the resource itself has given it to one. */
    const stateOf = (answer: Props, dropletId: unknown): Props => {
        const { ip, region, droplet } = answer.reserved_ip as ReservedIpView;
        const own = hasValue(dropletId) ? { dropletId: droplet?.id ?? null } : {};
        return { ipAddress: ip, region: region.slug, reservedIpUrn: `do:reservedip:${ip}`, ...own };
    };
    const now = async (id: string, dropletId: unknown) => {
        const found = await doing("Error retrieving reserved IP: ", () => api().find(path(id)));
        return found === undefined ? undefined : stateOf(found, dropletId);
    };
    return {
        schema: SCHEMA,
        async create({ region, dropletId }) {
            const made = await doing("Error creating reserved IP: ", () => api().post("/v2/reserved_ips", { region }));
            const { ip } = made.reserved_ip as ReservedIpView;
            if (hasValue(dropletId)) {
                await assign(api(), ip, dropletId);
            }
            return { id: ip, state: (await now(ip, dropletId)) ?? {} };
        },
        read: (id, state) => now(id, state.dropletId),
        async update(id, { dropletId }) {
            await assign(api(), id, dropletId);
            return (await now(id, dropletId)) ?? {};
        },
        async delete(id) {
            await doing("Error deleting reserved IP: ", () => api().delete(path(id)));
        },
    };
}

export function reservedIpAssignment(api: () => Api): Work {
    const holder = async (address: unknown) => {
        const answer = await doing("Error retrieving reserved IP: ", () => api().get(path(address)));
        return (answer.reserved_ip as ReservedIpView).droplet?.id;
    };
    return {
        schema: ASSIGNMENT,
        async create({ dropletId, ipAddress }) {
            await assign(api(), ipAddress, dropletId);
            return {
                id: unique(`${String(dropletId)}-${String(ipAddress)}-`),
                state: { dropletId: Number(dropletId), ipAddress },
            };
        },
        async read(_, { dropletId, ipAddress }) {
            return (await holder(ipAddress)) === dropletId ? { dropletId, ipAddress } : undefined;
        },
        update: () => Promise.reject(new Error("every change replaces it")),
        async delete(_, { dropletId, ipAddress }) {
            if ((await holder(ipAddress)) === dropletId) {
                await assign(api(), ipAddress, null);
            }
        },
    };
}
