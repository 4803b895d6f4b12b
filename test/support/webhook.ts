import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
    readonly body: string;
    readonly signature: string | undefined;
}

/** What a webhook of the admin's would be. */
export class Receiver {
    /** Statuses for the next requests, or no answer at all; 200 when they are used up. */
    readonly answers: (number | "none")[] = [];
    readonly received: Received[] = [];

    private constructor(private readonly server: Server) {}

    static async listen(address: string): Promise<Receiver> {
        const server = createServer((request, response) => {
            let body = "";
            request.setEncoding("utf8").on("data", (text: string) => (body += text));
            request.on("end", () => {
                const signature = request.headers["x-specivo-signature-256"];
                receiver.received.push({ body, signature: signature === undefined ? undefined : String(signature) });
                const answer = receiver.answers.shift() ?? 200;
                if (answer !== "none") {
                    response.writeHead(answer).end();
                }
            });
        });
        const receiver = new Receiver(server);
        server.listen(0, address);
        await once(server, "listening");
        return receiver;
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    get url(): string {
        return `http://127.0.0.1:${this.port}/`;
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }
}
