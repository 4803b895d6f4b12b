import { readBucket } from "./bucketSettings";
import { asKnown, decide, decideFirst, type Decision, knownServer, LastOutputs, type Own } from "./decide";
import { readDropletSettings } from "./dropletSettings";
import { readSettings, type Settings } from "./settings";
import { Reader } from "./settingsReader";

export = async () => {
    const server = readDropletSettings();
    if (server?.keeps === "nothing") {
        const { address, hostKey } = await makeDroplet(server.droplet);
        return { address, hostKey, ...placeOf(await makeBackups(bucketAlone())) };
    }
    // The look comes first: while a lost droplet is made anew, another machine answers at the old one's address.
    const seen = await look(server?.keeps === "Specivo" ? { onVolume: server.droplet.volumeSize > 0 } : undefined);
    const droplet = server && (await makeDroplet(server.droplet));
    const backups = await makeBackups(seen.settings.bucket);
    const { address, hostKey } = droplet ?? {};
    return server?.keeps === "Specivo"
        ? { address, hostKey, ...keep(seen, droplet, backups) }
        : { ...(address && { address }), ...keep(seen, undefined, backups) };
};

type Droplet = Awaited<ReturnType<typeof makeDroplet>>;
type Backups = Awaited<ReturnType<typeof makeBackups>>;
type Seen = Awaited<ReturnType<typeof look>>;

/** What is to be done, on the stack's own droplet or on the server that the config names. */
async function look(own: Own | undefined) {
    const settings = readSettings();
    // The server takes a second to answer; meanwhile the providers' SDKs are loaded.
    const [{ SpecivoInstance }, decision] = await Promise.all([
        import("./components/instance"),
        own === undefined ? decide(settings) : decideOnOwn(settings, own),
    ]);
    return { settings, SpecivoInstance, decision };
}

/** The first time there is nothing to look at. */
async function decideOnOwn(settings: Settings, own: Own): Promise<Decision> {
    const last = new LastOutputs();
    const known = await knownServer(last);
    return known === undefined
        ? decideFirst(settings)
        : decide({ ...settings, ssh: { ...settings.ssh, ...known } }, last, own);
}

async function makeDroplet(args: NonNullable<ReturnType<typeof readDropletSettings>>["droplet"]) {
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
function placeOf(backups: Backups) {
    return (
        backups && {
            offsiteRepository: backups.repository,
            offsiteAccessKeyId: backups.key.accessKeyId,
            offsiteSecretAccessKey: backups.key.secretAccessKey,
        }
    );
}

/** Specivo at the version the config names. */
function keep({ settings, SpecivoInstance, decision }: Seen, droplet: Droplet | undefined, backups: Backups) {
    const { transition, installs = false } = decision.plan;
    const { hostKey, machine } = droplet ?? decision;
    const { ssh, installDir, imageRepository, imageArchive, startTimeout, smoke, install } = settings;
    const instance = new SpecivoInstance("specivo", {
        ssh,
        address: droplet?.address,
        hostKey,
        machine,
        location: { installDir, imageRepository },
        backup: { ...settings.backup, ...(backups && { s3: backups.key }) },
        startTimeout,
        smoke,
        install,
        imageArchive,
        transition,
        installs,
    });

    // Nothing that changes by itself: a second `pulumi up` has to show no change.
    return {
        ...placeOf(backups),
        version: instance.version,
        transition: transition.id,
        direction: transition.direction,
        backup: instance.backup,
        restorePoint: instance.restorePoint,
        history: instance.history,
        plan: asKnown({ transition, hostKey, machine, instance: instance.id }),
    };
}
