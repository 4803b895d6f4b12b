import { diffInputs } from "../core/diff";
import { explained } from "../core/errors";
import type { CheckFailure, Resource } from "../core/plugin";
import { hasValue, reveal, UNKNOWN, type Props } from "../core/values";
import type { DockerConfig } from "./config";
import { Engine, type FoundImage } from "./engine";
import { parseImageName } from "./names";

/** Inputs whose change replaces the image. */
const FORCES_REPLACEMENT = ["name", "platform", "pullTriggers", "triggers"];

interface ImageInputs {
    readonly name: string;
    readonly platform?: string;
    readonly keepLocally?: boolean;
    readonly forceRemove?: boolean;
}

/** Marks that the original plugin leaves in the state, and expects there when it takes the state over. */
const TIMEOUTS = { create: 1.2e12, delete: 1.2e12, update: 1.2e12 };
const TIMEOUTS_KEY = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";
const META = JSON.stringify({ [TIMEOUTS_KEY]: TIMEOUTS });
const PREVIEW_META = JSON.stringify({ _new_extra_shim: {}, [TIMEOUTS_KEY]: TIMEOUTS });

export function remoteImage(config: () => DockerConfig): Resource {
    return {
        check: (inputs) => ({ inputs: { __defaults: [], ...inputs }, failures: failures(inputs) }),
        diff(oldInputs, inputs) {
            const found = diffInputs(oldInputs, inputs, (path) =>
                FORCES_REPLACEMENT.includes(path.split(/[.[]/)[0] ?? ""),
            );
            const stables = FORCES_REPLACEMENT.filter((name) => !found.replaces.includes(name));
            return { ...found, stables };
        },
        async create(inputs, preview) {
            if (preview) {
                const unknown = { id: UNKNOWN, imageId: UNKNOWN, repoDigest: UNKNOWN };
                return { id: "", properties: { __meta: PREVIEW_META, ...settings(inputs), ...unknown } };
            }
            const image = await wrapped("Unable to read Docker image into resource", () => pulled(config(), inputs));
            return state(inputs, image);
        },
        async update(old, inputs, preview) {
            if (preview) {
                return { ...old, ...settings(inputs) };
            }
            const image = await wrapped("Unable to read Docker image into resource", () => pulled(config(), inputs));
            return state(inputs, image).properties;
        },
        async delete(properties) {
            const { name, keepLocally, forceRemove } = reveal(properties) as ImageInputs;
            if (keepLocally === true) {
                return;
            }
            await wrapped("Unable to remove Docker image", () =>
                Engine.use(config(), async (engine) => {
                    if ((await engine.inspect(name)) !== undefined) {
                        await engine.remove(name, forceRemove === true);
                    }
                }),
            );
        },
        async read({ properties, inputs }) {
            const { name } = reveal(properties) as ImageInputs;
            const image = await wrapped("Error reading docker image list", () =>
                Engine.use(config(), (engine) => engine.inspect(name)),
            );
            return image === undefined ? undefined : { inputs, ...state(properties, image) };
        },
    };
}

function failures(inputs: Props): CheckFailure[] {
    if (!hasValue(inputs.name)) {
        return [{ property: "name", reason: "Missing required property 'name'" }];
    }
    return hasValue(inputs.build)
        ? [{ property: "build", reason: "not supported by this stand-in of the docker plugin" }]
        : [];
}

/** The image on the server, pulled only when no image of that name is there. */
async function pulled(config: DockerConfig, inputs: Props): Promise<FoundImage> {
    const { name, platform } = reveal(inputs) as ImageInputs;
    return Engine.use(config, async (engine) => {
        const present = await engine.inspect(name).catch((error: unknown) => {
            throw explained("unable to list Docker images: ", error);
        });
        if (present !== undefined) {
            return present;
        }
        const { registry, tag } = parseImageName(name);
        const digest = name.indexOf("@");
        const repository = digest >= 0 ? name.slice(0, digest) : withoutTag(name);
        await engine.pull(repository, tag, platform, config.registries[registry]).catch((error: unknown) => {
            throw explained(`unable to pull image ${name}: error pulling image ${name}: `, error);
        });
        const image = await engine.inspect(name);
        if (image === undefined) {
            throw new Error(`unable to find or pull image ${name}`);
        }
        return image;
    });
}

/** A colon before the last slash belongs to the registry's port. */
function withoutTag(name: string): string {
    const colon = name.lastIndexOf(":");
    return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

function settings(inputs: Props): Props {
    const names = ["build", "forceRemove", "keepLocally", "name", "platform", "pullTriggers", "triggers"];
    return Object.fromEntries(names.map((name) => [name, inputs[name] ?? null]));
}

function state(inputs: Props, image: FoundImage): { id: string; properties: Props } {
    const name = reveal(inputs.name) as string;
    const id = image.Id + name;
    const delta = {
        obj: { ps: { build: { plu: { i: {} } }, ...(hasValue(inputs.triggers) ? { triggers: { map: {} } } : {}) } },
    };
    return {
        id,
        properties: {
            __meta: META,
            __pulumi_raw_state_delta: delta,
            ...settings(inputs),
            id,
            imageId: image.Id,
            repoDigest: digestFor(name, image.RepoDigests ?? []),
        },
    };
}

/** Of several registries' digests the one of the registry in the image's name. */
function digestFor(name: string, digests: string[]): string {
    const colon = name.indexOf(":");
    const wanted = colon < 0 ? name : name.slice(0, colon);
    return (digests.length === 1 ? digests[0] : digests.find((digest) => digest.startsWith(wanted))) ?? "";
}

async function wrapped<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw explained(`1 error occurred:\n\t* ${what}: `, error, "\n\n");
    }
}
