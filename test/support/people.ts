import * as fs from "node:fs";
import { Installed } from "./instance";

/** What people do with an instance while this program is at work: they write issues and upload files. */
export class People {
    constructor(private readonly instance: Installed) {}

    async writeIssue(subject: string): Promise<void> {
        const response = await this.instance.api("POST", "/issues/", {
            project: "OPS",
            subject,
            description: "By a test.",
        });
        if (response.status !== 201) {
            throw new Error(`${subject} could not be written: ${response.status} ${await response.text()}`);
        }
    }

    /** An attachment of that many random bytes on the first issue. */
    async attach(bytes: number): Promise<void> {
        const form = new FormData();
        form.set("file", new Blob([crypto.getRandomValues(new Uint8Array(bytes))]), "attached.bin");
        form.set("container_type", "issue");
        form.set("container_id", "1");
        const { url, apiKeyPath } = this.instance.instance;
        const response = await fetch(`${url}/api/v1/attachments/`, {
            method: "POST",
            headers: { authorization: `Bearer ${fs.readFileSync(apiKeyPath, "utf8").trim()}` },
            body: form,
        });
        if (!response.ok) {
            throw new Error(`an attachment could not be uploaded: ${response.status} ${await response.text()}`);
        }
    }
}
