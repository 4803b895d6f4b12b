import type { Attached, Machines } from "../../../lab/cloud/machines";

/** Machines that are only noted, for tests of what is said about them. */
export class IdleMachines implements Machines {
    /** What each droplet that there is was made with. */
    readonly made = new Map<
        number,
        { readonly memory: number; readonly sshKeys: string[]; readonly userData: string }
    >();
    readonly attached = new Map<number, Attached>();
    /** What was done, in order. */
    readonly work: string[] = [];
    private reserved = 29;

    async create(id: number, memory: number, given: { sshKeys: string[]; userData: string }): Promise<string> {
        this.made.set(id, { memory, ...given });
        return "127.0.0.20";
    }

    async remove(id: number): Promise<void> {
        this.made.delete(id);
    }

    async attach(id: number, attached: Attached): Promise<void> {
        this.attached.set(id, attached);
    }

    power = (id: number, action: string) => this.note(`power ${action} ${id}`);
    resize = (id: number, memory: number) => this.note(`resize ${id} ${memory}`);
    reserve = async () => `127.0.0.${++this.reserved}`;
    release = (address: string) => this.note(`release ${address}`);
    createVolume = (id: string, gigabytes: number, filesystem: string) =>
        this.note(`create volume ${id} ${gigabytes} ${filesystem}`.trim());
    resizeVolume = (id: string, gigabytes: number) => this.note(`resize volume ${id} ${gigabytes}`);
    removeVolume = (id: string) => this.note(`remove volume ${id}`);
    volumeFile = (id: string) => `${id}.img`;

    private async note(what: string): Promise<void> {
        this.work.push(what);
    }
}
