import { readBucket } from "./bucketSettings";
import type { SpecivoDroplet } from "./components/droplet";
import { decide, decideOnOwn, type Own, refuseForgetting, type Server } from "./decide";
import { type DropletSettings, readDropletSettings } from "./dropletSettings";
import type { Output } from "./pulumiCore";
import { readSettings, type Settings } from "./settings";
import { Reader } from "./settingsReader";

type DropletArgs = DropletSettings["droplet"];

export = async () => {
    const server = readDropletSettings();
    if (server?.keeps === "nothing") {
        await refuseForgetting();
        const { address, hostKey } = await makeDroplet(server.droplet);
        return { address, hostKey, ...placeOf(await makeBackups(bucketAlone())) };
    }
    const own = server && new OwnDroplet(server.droplet);
    // The look comes first: while a lost droplet is made anew, another machine answers at the old one's address.
    const seen = await look(server?.keeps === "Specivo" ? own : undefined);
    const droplet = await own?.droplet();
    const { keep, decision } = seen;
    const backups = await makeBackups(seen.settings.bucket);
    const settings = { ...seen.settings, backup: { ...seen.settings.backup, ...(backups && { s3: backups.key }) } };
    const { address, hostKey } = droplet ?? {};
    return server?.keeps === "Specivo"
        ? { address, hostKey, ...placeOf(backups), ...keep("specivo", settings, decision, droplet) }
        : { ...(address && { address }), ...placeOf(backups), ...keep("specivo", settings, decision) };
};

/** What is to be done, on the stack's own droplet or on the server that the config names. */
async function look(own: Own | undefined) {
    const settings = readSettings();
    // The server takes a second to answer; meanwhile the providers' SDKs are loaded.
    const [{ keep }, decision] = await Promise.all([
        import("./keep"),
        own === undefined ? decide(settings) : decideOnOwn(settings, own),
    ]);
    return { keep, settings, decision };
}

/** The droplet as the decision sees it, which may have to have it made to find it. */
class OwnDroplet implements Own {
    readonly onVolume: boolean;
    #droplet: Promise<SpecivoDroplet> | undefined;

    constructor(private readonly args: DropletArgs) {
        this.onVolume = args.volumeSize > 0;
    }

    droplet(): Promise<SpecivoDroplet> {
        this.#droplet ??= makeDroplet(this.args);
        return this.#droplet;
    }

    async made(): Promise<Server | undefined> {
        const { address, hostKey } = await this.droplet();
        const [host, key] = await Promise.all([valueOf(address), valueOf(hostKey)]);
        return host && key ? { host, hostKey: key } : undefined;
    }
}

/** Undefined where a preview can't know it. */
async function valueOf<T>(output: Output<T>): Promise<T | undefined> {
    // Internal to Pulumi, whose `apply` would never tell that there is no value.
    const { isKnown, promise } = output as unknown as { isKnown: Promise<boolean>; promise: () => Promise<T> };
    return (await isKnown) ? promise.call(output) : undefined;
}

async function makeDroplet(args: DropletArgs) {
    const { SpecivoDroplet } = await import("./components/droplet");
    return new SpecivoDroplet("specivo-server", args);
}

/** Where a stack keeps no Specivo, nothing else is read. */
function bucketAlone() {
    const reader = new Reader();
    const bucket = readBucket(reader);
    reader.refuseMistakes();
    return bucket;
}

async function makeBackups(args: Settings["bucket"]) {
    if (args === undefined) {
        return undefined;
    }
    const { OffsiteBackups } = await import("./components/offsiteBackups");
    return new OffsiteBackups("specivo-backups", args);
}

/** What one needs, with the password, to get at the backups without the stack; named like the settings. */
function placeOf(backups: Awaited<ReturnType<typeof makeBackups>>) {
    return (
        backups && {
            offsiteRepository: backups.repository,
            offsiteAccessKeyId: backups.key.accessKeyId,
            offsiteSecretAccessKey: backups.key.secretAccessKey,
        }
    );
}
