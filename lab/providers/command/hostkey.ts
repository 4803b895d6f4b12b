/**
 * The order in which Go's SSH client prefers host keys when none is given. The client's order decides which of its keys
 * a server shows.
 */
const PREFERRED = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ssh-rsa",
    "ssh-ed25519",
] as const;

export type HostKeyAlgorithm = (typeof PREFERRED)[number];

export interface HostKey {
    readonly algorithms: HostKeyAlgorithm[];
    accepts(presented: Buffer): boolean;
}

/** Without an expected key any server is accepted, as by the original. */
const anyKey: HostKey = { algorithms: [...PREFERRED], accepts: () => true };

/**
 * The first public key in a text of authorized_keys lines. Only its own algorithm is offered to the server: an RSA key
 * means `ssh-rsa` with SHA-1, which servers of today refuse.
 */
export function expectedHostKey(text: string | undefined): HostKey {
    if (text === undefined) {
        return anyKey;
    }
    for (const line of text.split("\n").map((each) => each.trim())) {
        const words = line.startsWith("#") ? [] : line.split(/\s+/);
        const at = words.findIndex((word) => (PREFERRED as readonly string[]).includes(word));
        const blob = Buffer.from(words[at + 1] ?? "", "base64");
        if (at >= 0 && blob.length > 4 && blob.subarray(4, 4 + blob.readUInt32BE(0)).toString() === words[at]) {
            return { algorithms: [words[at] as HostKeyAlgorithm], accepts: (presented) => presented.equals(blob) };
        }
    }
    throw new Error("failed to parse host key: ssh: no key found");
}
