import { EventEmitter, once } from "node:events";
import type { AddressInfo, Server } from "node:net";

type Listener = EventEmitter & Pick<Server, "listen" | "address">;

/** Has a server listen on loopback, on any port that is free unless told which; the port. */
export async function listen(server: Listener, port = 0): Promise<number> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
}
