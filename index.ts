import { asKnown, decide, decideFirst, knownServer, LastOutputs } from "./decide";
import { readDropletSettings } from "./dropletSettings";
import { readSettings } from "./settings";

export = async () => {
    const server = await makeServer();
    if (server === undefined || server.keeps === "another server") {
        return { ...server?.outputs, ...(await keep(undefined)) };
    }
    return server.keeps === "nothing" ? server.outputs : { ...server.outputs, ...(await keep(server.droplet)) };
};

/** The droplet, for a stack that makes one. */
async function makeServer() {
    const settings = readDropletSettings();
    if (settings === undefined) {
        return undefined;
    }
    const { SpecivoDroplet } = await import("./components/droplet");
    const droplet = new SpecivoDroplet("specivo-server", settings.droplet);
    return { keeps: settings.keeps, droplet, outputs: { address: droplet.address, hostKey: droplet.hostKey } };
}

type Droplet = NonNullable<Awaited<ReturnType<typeof makeServer>>>["droplet"];

/** Specivo at the version the config names, on the stack's own droplet or on the server that the config names. */
async function keep(droplet: Droplet | undefined) {
    const settings = readSettings();
    // The server takes a second to answer; meanwhile the providers' SDKs are loaded.
    const deciding = droplet === undefined ? decide(settings) : decideOnOwn(settings);
    const [{ SpecivoInstance }, decision] = await Promise.all([import("./components/instance"), deciding]);
    const { transition } = decision.plan;
    const { hostKey, machine } = droplet ?? decision;

    const { ssh, installDir, imageRepository, imageArchive, backup, startTimeout, smoke, install } = settings;
    const instance = new SpecivoInstance("specivo", {
        ssh,
        address: droplet?.address,
        hostKey,
        machine,
        location: { installDir, imageRepository },
        backup,
        startTimeout,
        smoke,
        install,
        imageArchive,
        transition,
    });

    // Nothing that changes by itself: a second `pulumi up` has to show no change.
    return {
        version: instance.version,
        transition: transition.id,
        direction: transition.direction,
        backup: instance.backup,
        restorePoint: instance.restorePoint,
        history: instance.history,
        plan: asKnown({ transition, hostKey, machine, instance: instance.id }),
    };
}

/** The first time there is nothing to look at. */
async function decideOnOwn(settings: ReturnType<typeof readSettings>) {
    const last = new LastOutputs();
    const known = await knownServer(last);
    return known === undefined
        ? decideFirst(settings)
        : decide({ ...settings, ssh: { ...settings.ssh, ...known } }, last);
}
