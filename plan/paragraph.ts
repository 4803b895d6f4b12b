/** Lines under a name, for a reader of the preview. */
export function paragraph(name: string, lines: readonly string[]): string[] {
    return lines.map((line, index) => `  ${index === 0 ? `${name}:`.padEnd(8) : " ".repeat(8)} ${line}`);
}
