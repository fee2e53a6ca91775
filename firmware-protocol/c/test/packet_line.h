/* What a decoder read, as one line of text; test/decode/wire/packet-line.ts writes the same. */
#ifndef LUBDUB_PACKET_LINE_H
#define LUBDUB_PACKET_LINE_H

#include "../lubdub_protocol.h"

/* Enough for the longest packet: 250 bytes as hexadecimal digits and a few numbers. */
#define PACKET_LINE_BYTES 700

/* Writes the line, with its line feed and a closing zero. Returns its length. */
size_t packet_line(const lubdub_packet *packet, char line[PACKET_LINE_BYTES]);

/* The same for an event that is no packet. */
size_t corrupt_line(lubdub_event event, unsigned skipped, char line[PACKET_LINE_BYTES]);

#endif
