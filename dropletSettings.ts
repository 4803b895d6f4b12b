import type { SpecivoDropletArgs } from "./components/droplet";
import { Reader } from "./settingsReader";

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
    const ranges = (key: string, fallback: string, what: string) =>
        words(
            reader.matching(
                key,
                fallback,
                (value) => words(value).length > 0 && words(value).every(isRange),
                `give the address ranges that may use ${what}, separated by commas, for example 203.0.113.0/24,2001:db8::/32`,
            ),
        );
    const flag = (key: string, fallback: string) =>
        reader.matching(key, fallback, (value) => ["true", "false"].includes(value), "give true or false") === "true";
    const slug = (key: string, fallback: string, example: string) =>
        reader.matching(key, fallback, (value) => SLUG.test(value), `give DigitalOcean's slug, for example ${example}`);

    const droplet: SpecivoDropletArgs = {
        name: reader.matching(
            "dropletName",
            "specivo",
            (value) => /^[a-z]([a-z0-9-]{0,56}[a-z0-9])?$/.test(value),
            "give a name of up to 58 lower-case letters, digits and -, a letter first",
        ),
        region: slug("dropletRegion", "", "fra1"),
        size: slug("dropletSize", "s-1vcpu-2gb", "s-1vcpu-2gb"),
        image: slug("dropletImage", "ubuntu-24-04-x64", "ubuntu-24-04-x64"),
        sshPublicKey: readPublicKey(reader),
        sshFrom: ranges("dropletSshFrom", "", "SSH"),
        webFrom: ranges("dropletWebFrom", "0.0.0.0/0,::/0", "Specivo"),
        webPort: reader.number("webPort", 9933, 1, 65535),
        volumeSize: reader.number("dropletVolumeSize", 0, 0, 16384),
        volumeMount: reader.matching(
            "dropletVolumeMount",
            "/opt/specivo",
            (value) => /^(\/[A-Za-z0-9._-]+)+$/.test(value),
            "give an absolute path of the characters A-Z a-z 0-9 . _ - / and without a final /",
        ),
        tags: words(
            reader.matching(
                "dropletTags",
                "specivo",
                (value) => words(value).every((tag) => /^[A-Za-z0-9:_-]{1,255}$/.test(tag)),
                "give tags of the characters A-Z a-z 0-9 : _ -, separated by commas",
            ),
        ),
        monitoring: flag("dropletMonitoring", "true"),
        allowReplacement: flag("allowDropletReplacement", "false"),
        waitForFirstBoot: reader.value("host") === "",
    };
    reader.refuseMistakes();
    const own = reader.value("adminEmail") === "" ? "nothing" : "Specivo";
    return { droplet, keeps: reader.value("host") === "" ? own : "another server" };
}

/** The value is never shown: what is no public key may be the private one. */
function readPublicKey(reader: Reader): string {
    const key = "dropletSshPublicKey";
    const value = reader.value(key);
    if (!PUBLIC_KEY.test(value)) {
        const what = value === "" ? "is not set" : "is no public key";
        reader.mistakes.push(
            `${reader.name(key)} ${what}: give the one line, as \`ssh-add -L\` prints it, of which your SSH agent holds the private key.`,
        );
    }
    return value;
}
