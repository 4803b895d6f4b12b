import { readBucket } from "./bucketSettings";
import { decide, decideFirst, type Decision, knownServer, LastOutputs, type Own } from "./decide";
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
function placeOf(backups: Awaited<ReturnType<typeof makeBackups>>) {
    return (
        backups && {
            offsiteRepository: backups.repository,
            offsiteAccessKeyId: backups.key.accessKeyId,
            offsiteSecretAccessKey: backups.key.secretAccessKey,
        }
    );
}
