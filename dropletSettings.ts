import type { SpecivoDropletArgs } from "./components/droplet";
import { Reader } from "./settingsReader";
import { SETTINGS } from "./settingsSchema";

/** The part of the stack's config that is about the droplet, checked. */
export interface DropletSettings {
    readonly droplet: SpecivoDropletArgs;
    /** What is kept on it: Specivo, where an `adminEmail` says that it may be installed; nothing; or another server has it. */
    readonly keeps: "Specivo" | "nothing" | "another server";
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const IPV4_RANGE = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
const IPV6_RANGE = /^[0-9a-f:]*:[0-9a-f:]*\/(\d{1,3})$/i;
const PUBLIC_KEY =
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+=*( [^\r\n]*)?\s*$/;

function isRange(text: string): boolean {
    const [, ...v4] = IPV4_RANGE.exec(text) ?? [];
    if (v4.length > 0) {
        return v4.slice(0, 4).every((each) => Number(each) <= 255) && Number(v4[4]) <= 32;
    }
    const [, bits] = IPV6_RANGE.exec(text) ?? [];
    return bits !== undefined && Number(bits) <= 128;
}

function words(text: string): string[] {
    return text.split(/[\s,]+/).filter((word) => word !== "");
}

/**
 * Undefined for a stack that makes no droplet, which one with a `dropletRegion` does. Throws one UserError that names every
 * mistake, a sentence each.
 */
export function readDropletSettings(): DropletSettings | undefined {
    const reader = new Reader();
    if (reader.value("dropletRegion") === "") {
        return undefined;
    }
    const ranges = (key: "dropletSshFrom" | "dropletWebFrom") =>
        words(reader.matching(key, (value) => words(value).length > 0 && words(value).every(isRange)));
    const slug = (key: "dropletRegion" | "dropletSize" | "dropletImage") =>
        reader.matching(key, (value) => SLUG.test(value));

    const droplet: SpecivoDropletArgs = {
        name: reader.matching("dropletName", (value) => /^[a-z]([a-z0-9-]{0,56}[a-z0-9])?$/.test(value)),
        region: slug("dropletRegion"),
        size: slug("dropletSize"),
        image: slug("dropletImage"),
        sshPublicKey: readPublicKey(reader),
        sshFrom: ranges("dropletSshFrom"),
        webFrom: ranges("dropletWebFrom"),
        webPort: reader.number("webPort"),
        sshPort: reader.number("sshPort"),
        volumeSize: reader.number("dropletVolumeSize"),
        volumeMount: reader.matching("dropletVolumeMount", (value) => /^(\/[A-Za-z0-9._-]+)+$/.test(value)),
        tags: words(
            reader.matching("dropletTags", (value) => words(value).every((tag) => /^[A-Za-z0-9:_-]{1,255}$/.test(tag))),
        ),
        monitoring: reader.flag("dropletMonitoring"),
        allowReplacement: reader.flag("allowDropletReplacement"),
        waitForFirstBoot: reader.value("host") === "",
    };
    const own = reader.value("adminEmail") === "" ? "nothing" : "Specivo";
    const keeps = reader.value("host") === "" ? own : "another server";
    reader.refuseMistakes();
    if (keeps === "Specivo") {
        refuseOtherPlace(reader, droplet);
    }
    reader.refuseMistakes();
    return { droplet, keeps };
}

/** What does not lie on the volume is lost with the droplet, and nobody would notice before. */
function refuseOtherPlace(reader: Reader, { volumeSize, volumeMount }: SpecivoDropletArgs): void {
    const directory = reader.value("installDir");
    if (volumeSize > 0 && directory !== volumeMount && !directory.startsWith(`${volumeMount}/`)) {
        reader.mistakes.push(
            `${reader.name("installDir")} is ${directory}, which is not on the volume at ${volumeMount}: give ${reader.name("dropletVolumeMount")}, or a directory in it.`,
        );
    }
}

/** The value is never shown: what is no public key may be the private one. */
function readPublicKey(reader: Reader): string {
    const key = "dropletSshPublicKey";
    const value = reader.value(key);
    if (!PUBLIC_KEY.test(value)) {
        const what = value === "" ? "is not set" : "is no public key";
        reader.mistakes.push(`${reader.name(key)} ${what}: ${SETTINGS[key].advice}.`);
    }
    return value;
}
