import type { Plugin } from "../core/plugin";
import { serve } from "../core/serve";
import type { Props } from "../core/values";
import { Api } from "./api";
import { bridged, type Work } from "./bridged";
import { droplet } from "./droplet";
import { firewall } from "./firewall";
import { reservedIp, reservedIpAssignment } from "./reserved-ip";
import { Spaces } from "./spaces";
import { spacesBucket } from "./spaces-bucket";
import { spacesKey } from "./spaces-key";
import { sshKey } from "./ssh-key";
import { volume, volumeAttachment } from "./volume";

const ENDPOINT = "https://api.digitalocean.com";

/** Variables of the environment that stand for settings which are not given. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
    token: ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"],
    apiEndpoint: ["DIGITALOCEAN_API_URL"],
    spacesEndpoint: ["SPACES_ENDPOINT_URL"],
    spacesAccessId: ["SPACES_ACCESS_KEY_ID"],
    spacesSecretKey: ["SPACES_SECRET_ACCESS_KEY"],
};

let settings: Props = {};

function setting(name: string): string {
    const variable = VARIABLES[name]?.map((each) => process.env[each]).find((value) => value !== undefined);
    return (settings[name] as string | undefined) ?? variable ?? "";
}

function api(): Api {
    return new Api(setting("apiEndpoint") || ENDPOINT, setting("token"));
}

function spaces(): Spaces {
    const [id, secret] = [setting("spacesAccessId"), setting("spacesSecretKey")];
    if (id === "" || secret === "") {
        throw new Error("Spaces credentials not configured");
    }
    // The original puts the region into the address; the lab's has none.
    return new Spaces(setting("spacesEndpoint").replace(/\{\{ *\.?Region *\}\}/i, ""), id, secret);
}

const works: Work[] = [
    droplet(api),
    firewall(api),
    reservedIp(api),
    reservedIpAssignment(api),
    spacesBucket(spaces),
    spacesKey(api),
    sshKey(api),
    volume(api),
    volumeAttachment(api),
];

const plugin: Plugin = {
    version: "4.80.1",
    acceptsSecrets: false,
    async configure(given) {
        settings = given;
    },
    resources: Object.fromEntries(
        works.map((work) => [`digitalocean:index/${work.schema.token}`, bridged(work)] as const),
    ),
    functions: {},
};

serve(plugin);
