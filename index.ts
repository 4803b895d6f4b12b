import { asKnown, decide } from "./decide";
import { readDropletSettings } from "./dropletSettings";
import { readSettings } from "./settings";

export = async () => {
    const server = await makeServer();
    return server !== undefined && !server.hasHost ? server.outputs : { ...server?.outputs, ...(await keep()) };
};

/** The droplet, for a stack that makes one. */
async function makeServer() {
    const settings = readDropletSettings();
    if (settings === undefined) {
        return undefined;
    }
    const { SpecivoDroplet } = await import("./components/droplet");
    const { address, hostKey } = new SpecivoDroplet("specivo-server", settings.droplet);
    return { hasHost: settings.hasHost, outputs: { address, hostKey } };
}

/** Specivo on the server, at the version the config names. */
async function keep() {
    const settings = readSettings();
    // The server takes a second to answer; meanwhile the providers' SDKs are loaded.
    const deciding = decide(settings);
    const [{ SpecivoInstance }, decision] = await Promise.all([import("./components/instance"), deciding]);
    const { transition } = decision.plan;

    const { ssh, installDir, imageRepository, imageArchive, backup, startTimeout, smoke, install } = settings;
    const instance = new SpecivoInstance("specivo", {
        ssh,
        hostKey: decision.hostKey,
        machine: decision.machine,
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
        plan: asKnown(decision, instance.id),
    };
}
