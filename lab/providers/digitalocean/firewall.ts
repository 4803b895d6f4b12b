import { hasValue, type Props } from "../core/values";
import { ApiFailure, type Api } from "./api";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { blocks, computed, computedList, given, innerList, list, schema, type Fields } from "./schema";

const PEERS = ["Addresses", "DropletIds", "KubernetesIds", "LoadBalancerUids", "Tags"];

function rule(side: "source" | "destination"): Fields {
    const peers = PEERS.map((each) => [`${side}${each}`, innerList]);
    return { portRange: given, protocol: given, ...(Object.fromEntries(peers) as Fields) };
}

const SCHEMA = schema(
    "firewall:Firewall",
    {
        createdAt: computed,
        dropletIds: list,
        inboundRules: blocks(rule("source")),
        name: given,
        outboundRules: blocks(rule("destination")),
        pendingChanges: computedList,
        status: computed,
        tags: list,
    },
    { required: ["name"], renamed: { inboundRules: "inbound_rule", outboundRules: "outbound_rule" } },
);

interface RuleView {
    readonly protocol: string;
    readonly ports: string;
    readonly sources?: Record<string, unknown[]>;
    readonly destinations?: Record<string, unknown[]>;
}

interface FirewallView {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly created_at: string;
    readonly pending_changes: readonly Props[];
    readonly droplet_ids: readonly number[];
    readonly tags: readonly string[];
    readonly inbound_rules: readonly RuleView[];
    readonly outbound_rules: readonly RuleView[];
}

/** `LoadBalancerUids` as the API calls it. */
function apiName(peer: string): string {
    return peer.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase();
}

function ruleState(side: "source" | "destination", { protocol, ports, ...view }: RuleView): Props {
    const peers = view[`${side}s`] ?? {};
    const all = ports === "0" ? (protocol === "icmp" ? null : "all") : ports;
    const lists = PEERS.map((each) => [`${side}${each}`, peers[apiName(each)] ?? []]);
    return { portRange: all, protocol, ...(Object.fromEntries(lists) as Props) };
}

function stateOf(view: FirewallView): Props {
    return {
        createdAt: view.created_at,
        dropletIds: view.droplet_ids,
        inboundRules: view.inbound_rules.map((each) => ruleState("source", each)),
        name: view.name,
        outboundRules: view.outbound_rules.map((each) => ruleState("destination", each)),
        pendingChanges: view.pending_changes,
        status: view.status,
        tags: view.tags,
    };
}

function ruleBody(side: "source" | "destination", inputs: Props): Props {
    const peers = PEERS.filter((each) => hasValue(inputs[`${side}${each}`]));
    const lists = peers.map((each) => [apiName(each), inputs[`${side}${each}`]] as const);
    return { protocol: inputs.protocol, ports: inputs.portRange, [`${side}s`]: Object.fromEntries<unknown>(lists) };
}

function body(inputs: Props): Props {
    const rules = (name: string) => (inputs[name] ?? []) as Props[];
    return {
        name: inputs.name,
        droplet_ids: inputs.dropletIds ?? [],
        tags: inputs.tags ?? [],
        inbound_rules: rules("inboundRules").map((each) => ruleBody("source", each)),
        outbound_rules: rules("outboundRules").map((each) => ruleBody("destination", each)),
    };
}

export function firewall(api: () => Api): Work {
    const view = (answer: Props) => answer.firewall as FirewallView;
    const path = (id: string) => `/v2/firewalls/${id}`;
    return {
        schema: SCHEMA,
        async create(inputs) {
            const made = view(
                await doing("Error creating firewall: ", () => api().post("/v2/firewalls", body(inputs))),
            );
            return { id: made.id, state: stateOf(made) };
        },
        async read(id) {
            const found = await doing("Error retrieving firewall: ", () => api().find(path(id)));
            return found === undefined ? undefined : stateOf(view(found));
        },
        async update(id, inputs) {
            return stateOf(view(await doing("Error updating firewall: ", () => api().put(path(id), body(inputs)))));
        },
        async delete(id) {
            await doing("Error deleting firewall: ", () => api().delete(path(id))).catch((error: unknown) => {
                const cause = error instanceof Error ? error.cause : undefined;
                if (!(cause instanceof ApiFailure && cause.status === 404)) {
                    throw error;
                }
            });
        },
    };
}
