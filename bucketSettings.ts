import type { OffsiteBackupsArgs } from "./components/offsiteBackups";
import type { Reader } from "./settingsReader";

/** What names a place for backups that is there already. */
const OTHER_PLACE = [
    "offsiteRepository",
    "offsiteAccessKeyId",
    "offsiteSecretAccessKey",
    "offsiteSshPrivateKey",
    "offsiteSshKnownHosts",
];

/** The bucket that the stack makes for backups; undefined without a `backupBucket`. */
export function readBucket(reader: Reader): OffsiteBackupsArgs | undefined {
    if (reader.value("backupBucket") === "") {
        return undefined;
    }
    const others = OTHER_PLACE.filter((key) => reader.value(key) !== "");
    if (others.length > 0) {
        reader.mistakes.push(
            `${reader.name("backupBucket")} has the stack make the place for backups and its key, so ${others.join(" and ")} can't name another: take one or the other out with \`pulumi config rm\`.`,
        );
    }
    const bucket = reader.matching(
        "backupBucket",
        "",
        (value) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value),
        "give a name of 3 to 63 lower-case letters, digits and -, which no other bucket in the region has",
    );
    const region = reader.matching(
        "backupRegion",
        reader.value("dropletRegion"),
        (value) => /^[a-z0-9]+$/.test(value),
        "give DigitalOcean's slug of a region with Spaces, for example fra1",
    );
    const endpoint =
        reader.value("backupEndpoint") === ""
            ? `https://${region}.digitaloceanspaces.com`
            : reader.matching(
                  "backupEndpoint",
                  "",
                  (value) => /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?$/.test(value),
                  "give the address of Spaces in that region, for example https://fra1.digitaloceanspaces.com",
              );
    return { bucket, region, repository: `s3:${endpoint}/${bucket}` };
}
