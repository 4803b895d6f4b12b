import type { Volume } from "./account";
import { begun } from "./actions";
import { found, list, optionalText, page, text, unprocessable, type Asked, type Handler, type Routes } from "./answers";
import { regionView } from "./catalogue";
import type { Cloud } from "./cloud";

const NAME = /^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$/;

function view(volume: Volume): object {
    return {
        id: volume.id,
        name: volume.name,
        description: volume.description,
        size_gigabytes: volume.gigabytes,
        created_at: volume.created,
        region: regionView(volume.region),
        droplet_ids: volume.dropletId === null ? [] : [volume.dropletId],
        filesystem_type: volume.filesystem,
        filesystem_label: volume.label,
        tags: volume.tags,
    };
}

export function volumeRoutes(cloud: Cloud): Routes {
    const { volumes } = cloud.content;
    const one = (asked: Asked) => found(volumes.find(({ id }) => id === asked.params.id));
    return {
        "GET /v2/volumes": (asked) => {
            const name = asked.query.get("name");
            const listed = volumes.filter((volume) => name === null || volume.name === name);
            return page("volumes", listed.map(view), asked, "/v2/volumes");
        },
        "POST /v2/volumes": ({ body }) => create(cloud, body),
        "GET /v2/volumes/:id": (asked) => ({ status: 200, body: { volume: view(one(asked)) } }),
        "DELETE /v2/volumes/:id": async (asked) => {
            const volume = one(asked);
            if (volume.dropletId !== null) {
                throw unprocessable("Cannot delete volume that is attached to a Droplet");
            }
            await cloud.machines.removeVolume(volume.id);
            volumes.splice(volumes.indexOf(volume), 1);
            cloud.save();
            return { status: 204 };
        },
        "POST /v2/volumes/:id/actions": (asked) => act(cloud, one(asked), asked),
    };
}

const create = async (cloud: Cloud, body: Asked["body"]) => {
    const { volumes } = cloud.content;
    const [name, region, gigabytes] = [text(body, "name"), text(body, "region"), Number(body.size_gigabytes)];
    regionView(region);
    if (!NAME.test(name)) {
        throw unprocessable("name must be lowercase letters, digits and -, and begin with a letter");
    }
    if (volumes.some((volume) => volume.name === name && volume.region === region)) {
        throw unprocessable("a volume of that name already exists in the region");
    }
    if (!Number.isInteger(gigabytes) || gigabytes < 1 || gigabytes > 16_384) {
        throw unprocessable("size_gigabytes must be from 1 to 16384");
    }
    const filesystem = optionalText(body, "filesystem_type");
    if (!["", "ext4"].includes(filesystem)) {
        throw unprocessable(`this stand-in makes no ${filesystem} on volumes`);
    }
    const volume: Volume = {
        id: cloud.uuid(),
        name,
        region,
        description: optionalText(body, "description"),
        created: cloud.now(),
        filesystem,
        label: optionalText(body, "filesystem_label"),
        gigabytes,
        dropletId: null,
        tags: list(body, "tags"),
    };
    await cloud.machines.createVolume(volume.id, gigabytes, filesystem);
    volumes.push(volume);
    cloud.save();
    return { status: 201, body: { volume: view(volume) } };
};

function act(cloud: Cloud, volume: Volume, { body }: Asked): ReturnType<Handler> {
    const type = text(body, "type");
    const begin = (work: () => Promise<void>) => begun(cloud.act("volume", volume.id, volume.region, type, work));
    if (type === "resize") {
        const gigabytes = Number(body.size_gigabytes);
        if (gigabytes < volume.gigabytes) {
            throw unprocessable("volumes can only be expanded");
        }
        return begin(async () => {
            await cloud.machines.resizeVolume(volume.id, gigabytes);
            volume.gigabytes = gigabytes;
        });
    }
    const droplet = found(cloud.droplet(body.droplet_id));
    if (type === "attach") {
        if (volume.dropletId !== null) {
            throw unprocessable("volume is already attached to a Droplet");
        }
        if (volume.region !== droplet.region) {
            throw unprocessable("volume and Droplet are in different regions");
        }
    } else if (type !== "detach") {
        throw unprocessable(`this stand-in has no action ${type} for volumes`);
    } else if (volume.dropletId !== droplet.id) {
        throw unprocessable("Attachment not found");
    }
    cloud.nothingPending(droplet);
    return begin(async () => {
        volume.dropletId = type === "attach" ? droplet.id : null;
        await cloud.attach(droplet.id);
    });
}
