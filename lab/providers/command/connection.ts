import { isObject, isSecret, secret, UNKNOWN, type Props } from "../core/values";

export interface Endpoint {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password?: string;
    readonly privateKey?: string;
    readonly privateKeyPassword?: string;
    readonly agentSocketPath?: string;
    readonly hostKey?: string;
    /** Dials that may fail before giving up; -1 for no limit. */
    readonly dialErrorLimit: number;
    /** Seconds for one dial; 0 for no limit. */
    readonly perDialTimeout: number;
}

export interface Connection extends Endpoint {
    readonly proxy?: Endpoint;
}

const DEFAULTS = { dialErrorLimit: 10, perDialTimeout: 15, port: 22, user: "root" };
const SECRETS = ["password", "privateKey", "privateKeyPassword"];

function withDefaults(endpoint: Props): Props {
    const filled: Props = { ...endpoint };
    for (const [key, value] of Object.entries(DEFAULTS)) {
        filled[key] = filled[key] ?? value;
    }
    for (const key of SECRETS.filter((name) => filled[name] !== undefined)) {
        filled[key] = secret(filled[key]);
    }
    return filled;
}

/** The connection as Check answers it: defaults filled in, all of it secret. */
export function checkedConnection(value: unknown): unknown {
    const plain = isSecret(value) ? value.value : value;
    if (isSecret(value) && plain === UNKNOWN) {
        return secret({ host: "", ...DEFAULTS });
    }
    if (!isObject(plain)) {
        return secret(plain ?? UNKNOWN);
    }
    const filled = withDefaults(plain);
    if (isObject(filled.proxy) && !isSecret(filled.proxy)) {
        filled.proxy = withDefaults(filled.proxy);
    }
    return secret(filled);
}
