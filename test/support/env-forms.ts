/** Forms an admin's `.env` may have, before and after; nothing but the value may differ. */
export const envForms: [name: string, before: string, after: string][] = [
    ["plain", "A=1\nSPECIVO_VERSION=0.1.9\nB=2\n", "A=1\nSPECIVO_VERSION=0.1.10\nB=2\n"],
    ["CRLF", "A=1\r\nSPECIVO_VERSION=0.1.9\r\nB=2\r\n", "A=1\r\nSPECIVO_VERSION=0.1.10\r\nB=2\r\n"],
    ["no final newline", "A=1\nSPECIVO_VERSION=0.1.9", "A=1\nSPECIVO_VERSION=0.1.10"],
    ["double quotes", 'SPECIVO_VERSION="0.1.9"\n', 'SPECIVO_VERSION="0.1.10"\n'],
    ["single quotes", "SPECIVO_VERSION='0.1.9'\n", "SPECIVO_VERSION='0.1.10'\n"],
    ["export", "export SPECIVO_VERSION=0.1.9\nA=1\n", "export SPECIVO_VERSION=0.1.10\nA=1\n"],
    ["a comment behind", "SPECIVO_VERSION=0.1.9 # why\n", "SPECIVO_VERSION=0.1.10 # why\n"],
    ["quotes and a comment", 'SPECIVO_VERSION="0.1.9" # "why"\n', 'SPECIVO_VERSION="0.1.10" # "why"\n'],
    [
        "the key twice",
        "SPECIVO_VERSION=0.1.8\nSPECIVO_VERSION=0.1.9\n",
        "SPECIVO_VERSION=0.1.8\nSPECIVO_VERSION=0.1.10\n",
    ],
    [
        "commented out as well",
        "#SPECIVO_VERSION=0.1.8\nSPECIVO_VERSION=latest\n",
        "#SPECIVO_VERSION=0.1.8\nSPECIVO_VERSION=0.1.10\n",
    ],
    ["spaces around", "  SPECIVO_VERSION = 0.1.9\n", "  SPECIVO_VERSION = 0.1.10\n"],
    ["no value", "SPECIVO_VERSION=\nA=1\n", "SPECIVO_VERSION=0.1.10\nA=1\n"],
    ["the key missing", "A=1\n", "A=1\nSPECIVO_VERSION=0.1.10\n"],
    ["the key and the final newline missing", "A=1", "A=1\nSPECIVO_VERSION=0.1.10\n"],
    ["the key missing, CRLF", "A=1\r\n", "A=1\r\nSPECIVO_VERSION=0.1.10\r\n"],
    ["an empty file", "", "SPECIVO_VERSION=0.1.10\n"],
    ["bytes that are no UTF-8", "A=\xff\nSPECIVO_VERSION=0.1.9\n", "A=\xff\nSPECIVO_VERSION=0.1.10\n"],
];
