import type { OffsiteBackupsArgs } from "./components/offsiteBackups";
import type { Reader } from "./settingsReader";

/** What names a place for backups that is there already. */
const OTHER_PLACE = [
    "offsiteRepository",
    "offsiteAccessKeyId",
    "offsiteSecretAccessKey",
    "offsiteSshPrivateKey",
    "offsiteSshKnownHosts",
] as const;

/** The bucket that the stack makes for backups; undefined without a `backupBucket`. */
export function readBucket(reader: Reader): OffsiteBackupsArgs | undefined {
    if (reader.value("backupBucket") === "") {
        return undefined;
    }
    const others = OTHER_PLACE.filter((key) => reader.isSet(key));
    if (others.length > 0) {
        reader.mistakes.push(
            `${reader.name("backupBucket")} has the stack make the place for backups and its key, so ${others.join(" and ")} can't name another: take one or the other out with \`pulumi config rm\`.`,
        );
    }
    const bucket = reader.matching("backupBucket", (value) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value));
    const dropletRegion = reader.value("dropletRegion");
    const region =
        reader.value("backupRegion") === "" && dropletRegion !== ""
            ? dropletRegion
            : reader.matching("backupRegion", (value) => /^[a-z0-9]+$/.test(value));
    const endpoint = reader.optional("backupEndpoint", (value) => /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?$/.test(value));
    return {
        bucket,
        region,
        repository: `s3:${endpoint === "" ? `https://${region}.digitaloceanspaces.com` : endpoint}/${bucket}`,
    };
}
