import { randomBytes, randomUUID } from "node:crypto";
import type { Action, Content, Droplet, Rule } from "./account";
import { unprocessable } from "./answers";
import type { Attached, Machines, PacketRule } from "./machines";
import type { ObjectStore } from "./object-store";

/** Where ids and times come from; tests give their own. */
export interface Source {
    now(): string;
    uuid(next: () => number): string;
    accessKey(next: () => number): { readonly id: string; readonly secret: string };
}

export const realSource: Source = {
    now: () => `${new Date().toISOString().slice(0, 19)}Z`,
    uuid: () => randomUUID(),
    accessKey: () => ({
        id: `DO00${randomBytes(8).toString("hex").toUpperCase()}`,
        secret: randomBytes(32).toString("base64").replace(/=/g, ""),
    }),
};

/** One account, and the machines and buckets that it stands for. */
export class Cloud {
    /** Actions that were asked to fail, by the next one that begins. */
    failNextAction = false;
    private readonly working = new Map<string, Promise<unknown>>();

    constructor(
        readonly content: Content,
        readonly machines: Machines,
        readonly objects: ObjectStore,
        private readonly store: (content: Content) => void,
        private readonly source: Source = realSource,
    ) {}

    readonly number = (): number => ++this.content.lastId;
    uuid = (): string => this.source.uuid(this.number);
    now = (): string => this.source.now();
    accessKey = () => this.source.accessKey(this.number);

    save(): void {
        this.store(this.content);
    }

    droplet(id: unknown): Droplet | undefined {
        return this.content.droplets.find((droplet) => String(droplet.id) === String(id));
    }

    /** Begins work that its action tells of; it goes on when the request has been answered. */
    act(
        resource: Action["resource"],
        subject: string,
        region: string,
        type: string,
        work: () => Promise<void>,
    ): Action {
        const action: Action = {
            id: this.number(),
            type,
            resource,
            subject,
            started: this.now(),
            region,
            status: "in-progress",
            completed: null,
        };
        const fails = this.failNextAction;
        this.failNextAction = false;
        this.content.actions.push(action);
        this.save();
        const done = (status: Action["status"]) => {
            action.status = status;
            action.completed = this.now();
            this.save();
        };
        void this.inOrder(`${resource} ${subject}`, async () => {
            if (fails) {
                throw new Error("it was to fail");
            }
            await work();
        }).then(
            () => done("completed"),
            (error: unknown) => {
                process.stderr.write(`${type} of ${resource} ${subject}: ${String(error)}\n`);
                done("errored");
            },
        );
        return action;
    }

    /** Refused while another action is under way, as the API does it. */
    nothingPending(droplet: Droplet): void {
        const pending = this.content.actions.some(
            ({ status, resource, subject }) =>
                status === "in-progress" && resource === "droplet" && subject === String(droplet.id),
        );
        if (pending) {
            throw unprocessable("Droplet already has a pending event.");
        }
    }

    /** What is done to one thing is done one after the other. */
    inOrder<T>(what: string, work: () => Promise<T>): Promise<T> {
        const turn = (this.working.get(what) ?? Promise.resolve()).then(work, work);
        this.working.set(
            what,
            turn.catch(() => undefined),
        );
        return turn;
    }

    /** Makes a droplet's machine, which has its volumes when it boots. */
    async boot(droplet: Droplet, memory: number): Promise<void> {
        const keys = this.content.keys.filter(({ id }) => droplet.sshKeys.includes(id));
        const given = { sshKeys: keys.map(({ publicKey }) => publicKey), userData: droplet.userData };
        await this.machines.attach(droplet.id, this.attached(droplet));
        droplet.address = await this.machines.create(droplet.id, memory, given);
        await this.attach(droplet.id);
        droplet.status = "active";
    }

    /** Has a droplet's machine reached as the account says now. */
    async attach(id: number): Promise<void> {
        const droplet = this.droplet(id);
        if (droplet !== undefined && droplet.address !== "") {
            await this.inOrder(`attached ${id}`, () => this.machines.attach(id, this.attached(droplet)));
        }
    }

    /** Has a bucket used by whom the account says now. */
    share(bucket: string): Promise<void> {
        const granted = () => this.content.spacesKeys.filter((key) => key.grants.some((one) => one.bucket === bucket));
        return this.inOrder(`bucket ${bucket}`, () => this.objects.share(bucket, granted()));
    }

    private attached(droplet: Droplet): Attached {
        const { firewalls, reservedIps, volumes } = this.content;
        const own = firewalls.filter(({ dropletIds, tags }) => {
            return dropletIds.includes(droplet.id) || tags.some((tag) => droplet.tags.includes(tag));
        });
        const rules = (way: "inbound" | "outbound") => own.flatMap((one) => one[way].map((rule) => this.packets(rule)));
        return {
            addresses: reservedIps.filter((ip) => ip.dropletId === droplet.id).map(({ address }) => address),
            volumes: volumes
                .filter((volume) => volume.dropletId === droplet.id)
                .map(({ id, name }) => ({ name, file: this.machines.volumeFile(id) })),
            firewall: own.length === 0 ? null : { inbound: rules("inbound"), outbound: rules("outbound") },
        };
    }

    /** A rule with the addresses of the droplets that it names by id or tag. */
    private packets({ protocol, ports, peers }: Rule): PacketRule {
        const ids = (peers.droplet_ids ?? []) as number[];
        const tags = (peers.tags ?? []) as string[];
        const named = this.content.droplets.filter(
            ({ id, tags: own }) => ids.includes(id) || own.some((tag) => tags.includes(tag)),
        );
        const addresses = (peers.addresses ?? []) as string[];
        return { protocol, ports, peers: [...addresses, ...named.map(({ address }) => `${address}/32`)] };
    }
}
