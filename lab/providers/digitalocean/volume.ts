import type { Props } from "../core/values";
import type { Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { computed, computedList, given, givenOrComputed, list, schema } from "./schema";
import { setTags } from "./tags";
import { unique } from "./unique";

const SCHEMA = schema(
    "volume:Volume",
    {
        description: given,
        dropletIds: computedList,
        filesystemLabel: computed,
        filesystemType: givenOrComputed,
        initialFilesystemLabel: given,
        initialFilesystemType: given,
        name: given,
        region: given,
        size: given,
        snapshotId: given,
        tags: list,
        volumeUrn: computed,
    },
    {
        required: ["name", "region", "size"],
        forcesReplacement: [
            "description",
            "initialFilesystemLabel",
            "initialFilesystemType",
            "name",
            "region",
            "snapshotId",
        ],
        renamed: { volumeUrn: "urn" },
    },
);

const ATTACHMENT = schema(
    "volumeAttachment:VolumeAttachment",
    { dropletId: given, volumeId: given },
    { required: ["dropletId", "volumeId"], forcesReplacement: ["dropletId", "volumeId"] },
);

interface VolumeView {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly size_gigabytes: number;
    readonly region: { readonly slug: string };
    readonly droplet_ids: readonly number[];
    readonly filesystem_type: string;
    readonly filesystem_label: string;
    readonly tags: readonly string[];
}

function stateOf(answer: Props): Props {
    const view = answer.volume as VolumeView;
    return {
        ...(view.description === "" ? {} : { description: view.description }),
        dropletIds: view.droplet_ids,
        filesystemLabel: view.filesystem_label,
        filesystemType: view.filesystem_type,
        name: view.name,
        region: view.region.slug,
        size: view.size_gigabytes,
        tags: view.tags,
        volumeUrn: `do:volume:${view.id}`,
    };
}

const path = (id: unknown) => `/v2/volumes/${String(id)}`;

export function volume(api: () => Api): Work {
    return {
        schema: SCHEMA,
        async create(inputs) {
            const made = await doing("Error creating Volume: ", () =>
                api().post("/v2/volumes", {
                    name: inputs.name,
                    region: inputs.region,
                    description: inputs.description ?? "",
                    size_gigabytes: inputs.size,
                    snapshot_id: inputs.snapshotId ?? "",
                    filesystem_type: inputs.initialFilesystemType ?? inputs.filesystemType ?? "",
                    filesystem_label: inputs.initialFilesystemLabel ?? "",
                    tags: inputs.tags ?? [],
                }),
            );
            return { id: (made.volume as VolumeView).id, state: stateOf(made) };
        },
        async read(id) {
            const found = await doing("Error retrieving volume: ", () => api().find(path(id)));
            return found === undefined ? undefined : stateOf(found);
        },
        async update(id, inputs, changed, state) {
            if (changed.includes("size")) {
                await doing(`Error resizing volume (${id}): `, () =>
                    api().act(path(id), { type: "resize", size_gigabytes: inputs.size, region: inputs.region }),
                );
            }
            if (changed.includes("tags")) {
                await setTags(api(), { resource_id: id, resource_type: "volume" }, state.tags, inputs.tags);
            }
            return stateOf(await api().get(path(id)));
        },
        async delete(id) {
            await doing("Error deleting volume: ", () => api().delete(path(id)));
        },
    };
}

export function volumeAttachment(api: () => Api): Work {
    const holder = async (id: unknown) => {
        const found = (await api().find(path(id))) as { volume: VolumeView } | undefined;
        return found?.volume.droplet_ids[0];
    };
    return {
        schema: ATTACHMENT,
        async create({ dropletId, volumeId }) {
            if ((await holder(volumeId)) !== dropletId) {
                await doing("Error attaching volume to droplet after retry timeout: ", () =>
                    api().act(path(volumeId), { type: "attach", droplet_id: Number(dropletId) }),
                );
            }
            return { id: unique(`${String(dropletId)}-${String(volumeId)}-`), state: { dropletId, volumeId } };
        },
        async read(_, { dropletId, volumeId }) {
            return (await holder(volumeId)) === dropletId ? { dropletId, volumeId } : undefined;
        },
        update: () => Promise.reject(new Error("every change replaces it")),
        async delete(_, { dropletId, volumeId }) {
            await doing("Error detaching volume from droplet after retry timeout: ", () =>
                api().act(path(volumeId), { type: "detach", droplet_id: Number(dropletId) }),
            );
        },
    };
}
