import type { Action, Droplet } from "./account";
import { begun } from "./actions";
import {
    found,
    list,
    optionalText,
    page,
    text,
    unprocessable,
    type Answer,
    type Asked,
    type Handler,
    type Routes,
} from "./answers";
import { imageView, regionView, sizeOf, sizeView } from "./catalogue";
import type { Cloud } from "./cloud";
import { keysNamed } from "./keys";
import type { Power } from "./machines";

const NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const VPC = "00000000-0000-0000-0000-000000000001";

export function dropletView(cloud: Cloud, droplet: Droplet): object {
    const { id, name, size, region, image, created, features, status, address, tags } = droplet;
    const { vcpus, memory, disk } = sizeOf(size);
    const attached = cloud.content.volumes.filter((volume) => volume.dropletId === id);
    const own = { ip_address: address, netmask: "255.255.255.0", gateway: gatewayOf(address), type: "public" };
    return {
        id,
        name,
        memory,
        vcpus,
        disk,
        locked: false,
        status,
        created_at: created,
        features,
        backup_ids: [],
        next_backup_window: null,
        snapshot_ids: [],
        volume_ids: attached.map((volume) => volume.id),
        image: imageView(image),
        size: sizeView(size),
        size_slug: size,
        networks: { v4: address === "" ? [] : [own], v6: [] },
        region: regionView(region),
        tags,
        vpc_uuid: VPC,
    };
}

function gatewayOf(address: string): string {
    return address.replace(/\.\d+$/, ".1");
}

export function dropletRoutes(cloud: Cloud): Routes {
    const { droplets } = cloud.content;
    return {
        "GET /v2/droplets": (asked) => {
            const tag = asked.query.get("tag_name");
            const name = asked.query.get("name");
            const listed = droplets.filter(
                (droplet) => (tag === null || droplet.tags.includes(tag)) && (name === null || droplet.name === name),
            );
            return page(
                "droplets",
                listed.map((droplet) => dropletView(cloud, droplet)),
                asked,
                "/v2/droplets",
            );
        },
        "POST /v2/droplets": ({ body }) => create(cloud, body),
        "GET /v2/droplets/:id": ({ params }) => {
            return { status: 200, body: { droplet: dropletView(cloud, found(cloud.droplet(params.id))) } };
        },
        "DELETE /v2/droplets/:id": async ({ params }) => {
            await remove(cloud, found(cloud.droplet(params.id)));
            return { status: 204 };
        },
        "POST /v2/droplets/:id/actions": actions(cloud),
    };
}

function create(cloud: Cloud, body: Asked["body"]): Answer {
    const name = text(body, "name");
    if (!NAME.test(name)) {
        throw unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
    }
    const [size, region, image] = [text(body, "size"), text(body, "region"), String(body.image)];
    const { memory } = sizeOf(size);
    regionView(region);
    imageView(image);
    const keys = keysNamed(cloud, list(body, "ssh_keys"));
    const volumes = list<string>(body, "volumes").map((id) => {
        const volume = cloud.content.volumes.find((each) => each.id === id);
        if (volume === undefined || volume.dropletId !== null || volume.region !== region) {
            throw unprocessable(`volume ${id} can't be attached: it is not there, in another region, or in use`);
        }
        return volume;
    });
    const flags = ["monitoring", "backups", "ipv6"].filter((flag) => body[flag] === true);
    const droplet: Droplet = {
        id: cloud.number(),
        name,
        size,
        region,
        image,
        created: cloud.now(),
        features: flags,
        sshKeys: keys.map(({ id }) => id),
        userData: optionalText(body, "user_data"),
        status: "new",
        address: "",
        tags: list(body, "tags"),
    };
    cloud.content.droplets.push(droplet);
    volumes.forEach((volume) => (volume.dropletId = droplet.id));
    const action = cloud.act("droplet", String(droplet.id), region, "create", () => cloud.boot(droplet, memory));
    const links = { actions: [{ id: action.id, rel: "create", href: `/v2/actions/${action.id}` }] };
    return { status: 202, body: { droplet: dropletView(cloud, droplet), links } };
}

async function remove(cloud: Cloud, droplet: Droplet): Promise<void> {
    const { droplets, firewalls, reservedIps, volumes } = cloud.content;
    for (const held of [...reservedIps, ...volumes].filter(({ dropletId }) => dropletId === droplet.id)) {
        held.dropletId = null;
    }
    for (const firewall of firewalls) {
        firewall.dropletIds = firewall.dropletIds.filter((id) => id !== droplet.id);
    }
    await cloud.inOrder(`droplet ${droplet.id}`, async () => {
        await cloud.attach(droplet.id);
        await cloud.machines.remove(droplet.id);
    });
    droplets.splice(droplets.indexOf(droplet), 1);
    cloud.save();
}

const POWER: Readonly<Record<string, { readonly power: Power; readonly status: "active" | "off" }>> = {
    power_on: { power: "on", status: "active" },
    power_off: { power: "off", status: "off" },
    shutdown: { power: "shutdown", status: "off" },
    reboot: { power: "reboot", status: "active" },
    power_cycle: { power: "cycle", status: "active" },
};

function actions(cloud: Cloud): Handler {
    return ({ params, body }) => {
        const droplet = found(cloud.droplet(params.id));
        const type = text(body, "type");
        const work = workOf(cloud, droplet, type, body);
        cloud.nothingPending(droplet);
        const action: Action = cloud.act("droplet", String(droplet.id), droplet.region, type, work);
        return begun(action);
    };
}

function workOf(cloud: Cloud, droplet: Droplet, type: string, body: Asked["body"]): () => Promise<void> {
    const power = POWER[type];
    if (power !== undefined) {
        if (type === "power_off" && droplet.status === "off") {
            throw unprocessable("Droplet is already powered off.");
        }
        return async () => {
            await cloud.machines.power(droplet.id, power.power);
            droplet.status = power.status;
        };
    }
    if (type === "rename") {
        const name = text(body, "name");
        return async () => void (droplet.name = name);
    }
    if (type === "resize") {
        const size = text(body, "size");
        const { memory } = sizeOf(size);
        if (droplet.status !== "off") {
            throw unprocessable("Droplet must be powered off to be resized.");
        }
        return async () => {
            await cloud.machines.resize(droplet.id, memory);
            droplet.size = size;
        };
    }
    throw unprocessable(`this stand-in has no action ${type} for Droplets`);
}
