import type { Firewall, Rule } from "./account";
import { found, list, page, text, unprocessable, type Asked, type Routes } from "./answers";
import type { Cloud } from "./cloud";

interface RuleBody {
    readonly protocol?: string;
    readonly ports?: string;
    readonly sources?: Rule["peers"];
    readonly destinations?: Rule["peers"];
}

const RANGE = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(\/\d{1,3})?$/;

function view(firewall: Firewall): object {
    const rule = (peers: string) => (one: Rule) => ({ protocol: one.protocol, ports: one.ports, [peers]: one.peers });
    return {
        id: firewall.id,
        name: firewall.name,
        status: "succeeded",
        created_at: firewall.created,
        pending_changes: [],
        droplet_ids: firewall.dropletIds,
        tags: firewall.tags,
        inbound_rules: firewall.inbound.map(rule("sources")),
        outbound_rules: firewall.outbound.map(rule("destinations")),
    };
}

function rules(body: Asked["body"], way: "inbound" | "outbound"): Rule[] {
    return list<RuleBody>(body, `${way}_rules`).map(({ protocol = "", ports = "", sources, destinations }) => {
        const peers = (way === "inbound" ? sources : destinations) ?? {};
        if (!["tcp", "udp", "icmp"].includes(protocol)) {
            throw unprocessable(`invalid protocol in ${way} rules`);
        }
        // All ports are 0 in answers, whatever they were called.
        const normal = protocol === "icmp" || ["", "all", "0"].includes(ports) ? "0" : ports;
        if (!/^\d{1,5}(-\d{1,5})?$/.test(normal)) {
            throw unprocessable(`invalid ports in ${way} rules`);
        }
        const addresses = (peers.addresses ?? []) as string[];
        if (!addresses.every((address) => RANGE.test(address))) {
            throw unprocessable(`invalid address in ${way} rules`);
        }
        if (Object.values(peers).every((each) => each.length === 0)) {
            throw unprocessable(`${way} rules must name where they apply`);
        }
        return { protocol, ports: normal, peers };
    });
}

function read(cloud: Cloud, body: Asked["body"]): Omit<Firewall, "id" | "created"> {
    const dropletIds = list<number>(body, "droplet_ids");
    const unknown = dropletIds.find((id) => cloud.droplet(id) === undefined);
    if (unknown !== undefined) {
        throw unprocessable(`droplet ${unknown} does not exist`);
    }
    const both = { inbound: rules(body, "inbound"), outbound: rules(body, "outbound") };
    if (both.inbound.length + both.outbound.length === 0) {
        throw unprocessable("at least one rule must be specified");
    }
    return { name: text(body, "name"), ...both, dropletIds, tags: list(body, "tags") };
}

export function firewallRoutes(cloud: Cloud): Routes {
    const { firewalls } = cloud.content;
    const one = (asked: Asked) => found(firewalls.find(({ id }) => id === asked.params.id));
    const nameIsFree = (name: string, but?: Firewall) => {
        if (firewalls.some((firewall) => firewall.name === name && firewall !== but)) {
            throw unprocessable("duplicate name");
        }
    };
    /** All droplets: tags may concern any. */
    const enforce = async () => {
        cloud.save();
        await Promise.all(cloud.content.droplets.map(({ id }) => cloud.attach(id)));
    };
    return {
        "GET /v2/firewalls": (asked) => page("firewalls", firewalls.map(view), asked, "/v2/firewalls"),
        "POST /v2/firewalls": async ({ body }) => {
            const asked = read(cloud, body);
            nameIsFree(asked.name);
            const firewall = { id: cloud.uuid(), created: cloud.now(), ...asked };
            firewalls.push(firewall);
            await enforce();
            return { status: 202, body: { firewall: view(firewall) } };
        },
        "GET /v2/firewalls/:id": (asked) => ({ status: 200, body: { firewall: view(one(asked)) } }),
        "PUT /v2/firewalls/:id": async (asked) => {
            const firewall = one(asked);
            const wanted = read(cloud, asked.body);
            nameIsFree(wanted.name, firewall);
            Object.assign(firewall, wanted);
            await enforce();
            return { status: 200, body: { firewall: view(firewall) } };
        },
        "DELETE /v2/firewalls/:id": async (asked) => {
            firewalls.splice(firewalls.indexOf(one(asked)), 1);
            await enforce();
            return { status: 204 };
        },
    };
}
