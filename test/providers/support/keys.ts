import { utils } from "ssh2";

/** ssh2 leaves out zeros that a key begins with, so that one in 256 of those it makes can't be read: another is made. */
export function ed25519(): utils.KeyPairReturn {
    for (;;) {
        const pair = utils.generateKeyPairSync("ed25519");
        if (!(utils.parseKey(pair.private) instanceof Error)) {
            return pair;
        }
    }
}
