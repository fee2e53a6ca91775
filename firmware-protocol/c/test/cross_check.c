/*
 * One half of the cross-check with the TypeScript codec (test/decode/wire/c-cross-check.ts is the other).
 *
 *     cross_check read               bytes on stdin -> one line for whatever they hold on stdout
 *     cross_check write COUNT SEED   COUNT random packets -> their bytes on stdout, one line each on stderr
 */
#include <string.h>

#include "../lubdub_protocol.h"
#include "check.h"
#include "packet_line.h"
#include "random_packet.h"

static int read_packets(void) {
    static uint8_t bytes[65536];
    char line[PACKET_LINE_BYTES];
    lubdub_decoder decoder;
    lubdub_packet packet;
    lubdub_event event;
    size_t count;
    size_t i;
    lubdub_decoder_init(&decoder);
    while ((count = fread(bytes, 1, sizeof bytes, stdin)) > 0) {
        for (i = 0; i < count; i++) {
            event = lubdub_decode(&decoder, bytes[i], &packet);
            if (event == LUBDUB_PACKET) {
                fwrite(line, 1, packet_line(&packet, line), stdout);
            } else if (event != LUBDUB_NOTHING) {
                fwrite(line, 1, corrupt_line(event, decoder.skipped, line), stdout);
            }
        }
    }
    event = lubdub_decoder_finish(&decoder);
    if (event != LUBDUB_NOTHING) {
        fwrite(line, 1, corrupt_line(event, decoder.skipped, line), stdout);
    }
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}

static int write_packets(unsigned long count, unsigned long seed) {
    static char room[65536];
    random_source source = random_from(seed);
    setvbuf(stderr, room, _IOFBF, sizeof room);
    while (count-- > 0) {
        lubdub_packet packet;
        uint8_t store[256];
        uint8_t wire[LUBDUB_MAX_WIRE];
        char line[PACKET_LINE_BYTES];
        random_packet(&source, &packet, store);
        fwrite(wire, 1, lubdub_encode(&packet, wire), stdout);
        fwrite(line, 1, packet_line(&packet, line), stderr);
    }
    return fflush(stdout) || fflush(stderr) ? 1 : 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "read") == 0) {
        return read_packets();
    }
    if (argc == 4 && strcmp(argv[1], "write") == 0) {
        return write_packets(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    }
    fprintf(stderr, "usage: cross_check read | cross_check write COUNT SEED\n");
    return 2;
}
