import type { Props } from "../core/values";
import type { Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import {
    block,
    computed,
    given,
    givenOrComputed,
    givenOrComputedList,
    hashed,
    list,
    otherwise,
    schema,
} from "./schema";
import { setTags } from "./tags";

const SECOND = 1e9;

const SCHEMA = schema(
    "droplet:Droplet",
    {
        backupPolicy: block({ plan: given, weekday: given, hour: given }),
        backups: otherwise(false),
        createdAt: computed,
        disk: computed,
        dropletAgent: given,
        dropletUrn: computed,
        gracefulShutdown: otherwise(false),
        image: given,
        ipv4Address: computed,
        ipv4AddressPrivate: computed,
        ipv6: otherwise(false),
        ipv6Address: givenOrComputed,
        locked: computed,
        memory: computed,
        monitoring: otherwise(false),
        name: given,
        priceHourly: computed,
        priceMonthly: computed,
        privateNetworking: givenOrComputed,
        publicNetworking: givenOrComputed,
        region: givenOrComputed,
        resizeDisk: otherwise(true),
        size: given,
        sshKeys: list,
        status: computed,
        tags: list,
        userData: hashed,
        vcpus: computed,
        volumeIds: givenOrComputedList,
        vpcUuid: givenOrComputed,
    },
    {
        required: ["image", "name", "size"],
        defaults: { resizeDisk: true },
        forcesReplacement: [
            "dropletAgent",
            "image",
            "monitoring",
            "publicNetworking",
            "region",
            "sshKeys",
            "userData",
            "vpcUuid",
        ],
        renamed: { dropletUrn: "urn" },
        timeouts: { create: 3600 * SECOND, delete: 60 * SECOND, update: 3600 * SECOND },
        version: "1",
        noted: { region: "region", size: "size", userData: "user_data" },
    },
);

interface Network {
    readonly ip_address: string;
    readonly type: string;
}

interface DropletView {
    readonly id: number;
    readonly name: string;
    readonly status: string;
    readonly locked: boolean;
    readonly created_at: string;
    readonly disk: number;
    readonly memory: number;
    readonly vcpus: number;
    readonly size: { readonly slug: string; readonly price_hourly: number; readonly price_monthly: number };
    readonly region: { readonly slug: string };
    readonly image: { readonly slug: string | null; readonly id: number };
    readonly features: readonly string[];
    readonly networks: { readonly v4: readonly Network[] };
    readonly tags: readonly string[];
    readonly volume_ids: readonly string[];
    readonly vpc_uuid: string;
}

function stateOf(view: DropletView): Props {
    const address = (type: string) => view.networks.v4.find((network) => network.type === type)?.ip_address ?? "";
    const has = (feature: string) => view.features.includes(feature);
    return {
        backups: has("backups"),
        createdAt: view.created_at,
        disk: view.disk,
        dropletUrn: `do:droplet:${view.id}`,
        ipv4Address: address("public"),
        ipv4AddressPrivate: address("private"),
        ipv6: has("ipv6"),
        ipv6Address: "",
        locked: view.locked,
        memory: view.memory,
        monitoring: has("monitoring"),
        name: view.name,
        priceHourly: view.size.price_hourly,
        priceMonthly: view.size.price_monthly,
        privateNetworking: has("private_networking"),
        publicNetworking: address("public") !== "",
        region: view.region.slug,
        size: view.size.slug,
        status: view.status,
        tags: view.tags,
        vcpus: view.vcpus,
        volumeIds: view.volume_ids,
        vpcUuid: view.vpc_uuid,
    };
}

export function droplet(api: () => Api): Work {
    const view = async (id: string) => {
        const found = (await api().find(`/v2/droplets/${id}`)) as { droplet: DropletView } | undefined;
        return found?.droplet;
    };
    const settled = async (id: string, status: string): Promise<Props> => {
        let now: DropletView | undefined;
        await api().until(async () => {
            now = await view(id);
            return now?.status === status;
        });
        return stateOf(now as DropletView);
    };

    return {
        schema: SCHEMA,
        async create(inputs) {
            const made = await doing("Error creating droplet: ", () =>
                api().post("/v2/droplets", {
                    name: inputs.name,
                    region: inputs.region,
                    size: inputs.size,
                    image: inputs.image,
                    ssh_keys: ((inputs.sshKeys ?? []) as string[]).map((key) =>
                        /^\d+$/.test(key) ? Number(key) : key,
                    ),
                    backups: inputs.backups ?? false,
                    ipv6: inputs.ipv6 ?? false,
                    monitoring: inputs.monitoring ?? false,
                    user_data: inputs.userData,
                    volumes: inputs.volumeIds,
                    tags: inputs.tags ?? [],
                    vpc_uuid: inputs.vpcUuid,
                    with_droplet_agent: inputs.dropletAgent,
                }),
            );
            const id = String((made as unknown as { droplet: DropletView }).droplet.id);
            return { id, state: await settled(id, "active") };
        },
        async read(id, state) {
            const now = await doing("Error retrieving droplet: ", () => view(id));
            // The image is the one it was made from, whatever its slug stands for by now.
            const image = state.image ?? now?.image.slug ?? now?.image.id;
            return now === undefined ? undefined : { ...stateOf(now), image };
        },
        async update(id, inputs, changed, state) {
            const path = `/v2/droplets/${id}`;
            if (changed.includes("size")) {
                if (state.status !== "off") {
                    await api().act(path, { type: "power_off" });
                }
                const resize = { type: "resize", size: inputs.size, disk: inputs.resizeDisk ?? true };
                await doing(`Error resizing droplet (${id}): `, () => api().act(path, resize)).finally(() =>
                    api().act(path, { type: "power_on" }),
                );
            }
            if (changed.includes("name")) {
                await api().act(path, { type: "rename", name: inputs.name });
            }
            if (changed.includes("tags")) {
                await setTags(api(), { resource_id: id, resource_type: "droplet" }, state.tags, inputs.tags);
            }
            if (changed.includes("volumeIds")) {
                await moveVolumes(api(), Number(id), (state.volumeIds ?? []) as string[], inputs.volumeIds as string[]);
            }
            return stateOf((await view(id)) as DropletView);
        },
        async delete(id) {
            const now = await view(id);
            if (now === undefined) {
                return;
            }
            await moveVolumes(api(), Number(id), [...now.volume_ids], []);
            await doing("Error deleting droplet: ", () => api().delete(`/v2/droplets/${id}`));
            await api().until(async () => (await view(id)) === undefined);
        },
    };
}

async function moveVolumes(api: Api, id: number, before: readonly string[], after: readonly string[]): Promise<void> {
    for (const volume of before.filter((each) => !after.includes(each))) {
        await api.act(`/v2/volumes/${volume}`, { type: "detach", droplet_id: id });
    }
    for (const volume of after.filter((each) => !before.includes(each))) {
        await api.act(`/v2/volumes/${volume}`, { type: "attach", droplet_id: id });
    }
}
