import type { Reader } from "./settingsReader";

/** How Specivo is installed where there is none. */
export interface InstallSettings {
    /** The port that nginx publishes. */
    readonly port: number;
    /** The first account, which may do everything; its password is made on the server. */
    readonly admin: { readonly login: string; readonly email: string };
    /** The backup to bring back instead, of a server that was lost: `latest`, or the beginning of its id; empty for none. */
    readonly restoreFrom: string;
}

/** Undefined without an `adminEmail`: then nothing is ever installed. */
export function readInstall(reader: Reader): InstallSettings | undefined {
    if (reader.value("adminEmail") === "") {
        return undefined;
    }
    return {
        port: reader.number("webPort"),
        admin: {
            login: reader.matching("adminLogin", (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(value)),
            email: reader.matching("adminEmail", (value) => /^[^\s@"\\]+@[^\s@"\\]+\.[^\s@"\\]+$/.test(value)),
        },
        restoreFrom: reader.value("restoreFrom"),
    };
}
