import type { ReservedIp } from "./account";
import { begun } from "./actions";
import { found, page, text, unprocessable, type Asked, type Routes } from "./answers";
import { regionView } from "./catalogue";
import type { Cloud } from "./cloud";
import { dropletView } from "./droplets";

export function reservedIpRoutes(cloud: Cloud): Routes {
    const { reservedIps } = cloud.content;
    const one = (asked: Asked) => found(reservedIps.find(({ address }) => address === asked.params.address));

    const view = ({ address, region, dropletId }: ReservedIp): object => {
        const droplet = cloud.droplet(dropletId);
        return {
            ip: address,
            region: regionView(region),
            droplet: droplet === undefined ? null : dropletView(cloud, droplet),
            locked: false,
            project_id: "",
        };
    };

    /** Gives the address to that droplet, or to none. */
    const move = async (ip: ReservedIp, to: number | null) => {
        const before = ip.dropletId;
        ip.dropletId = to;
        for (const id of [before, to].filter((each) => each !== null)) {
            await cloud.attach(id);
        }
    };

    return {
        "GET /v2/reserved_ips": (asked) => page("reserved_ips", reservedIps.map(view), asked, "/v2/reserved_ips"),
        "POST /v2/reserved_ips": async ({ body }) => {
            const droplet = body.droplet_id === undefined ? undefined : found(cloud.droplet(body.droplet_id));
            const region = droplet?.region ?? text(body, "region");
            regionView(region);
            const ip: ReservedIp = { address: await cloud.machines.reserve(), region, dropletId: null };
            reservedIps.push(ip);
            cloud.save();
            if (droplet !== undefined) {
                cloud.act("reserved_ip", ip.address, region, "assign_ip", () => move(ip, droplet.id));
            }
            return { status: 202, body: { reserved_ip: view(ip), links: {} } };
        },
        "GET /v2/reserved_ips/:address": (asked) => ({ status: 200, body: { reserved_ip: view(one(asked)) } }),
        "DELETE /v2/reserved_ips/:address": async (asked) => {
            const ip = one(asked);
            await move(ip, null);
            await cloud.machines.release(ip.address);
            reservedIps.splice(reservedIps.indexOf(ip), 1);
            cloud.save();
            return { status: 204 };
        },
        "POST /v2/reserved_ips/:address/actions": (asked) => {
            const ip = one(asked);
            const type = text(asked.body, "type");
            if (type === "unassign") {
                if (ip.dropletId === null) {
                    throw unprocessable("The floating IP is not assigned to a Droplet.");
                }
                return begun(cloud.act("reserved_ip", ip.address, ip.region, "unassign_ip", () => move(ip, null)));
            }
            if (type !== "assign") {
                throw unprocessable(`this stand-in has no action ${type} for reserved IPs`);
            }
            const droplet = found(cloud.droplet(asked.body.droplet_id));
            cloud.nothingPending(droplet);
            if (droplet.region !== ip.region) {
                throw unprocessable("The floating IP is not in the same region as the Droplet.");
            }
            return begun(cloud.act("reserved_ip", ip.address, ip.region, "assign_ip", () => move(ip, droplet.id)));
        },
    };
}
