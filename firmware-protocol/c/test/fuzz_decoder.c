/*
 * Feeds the decoder streams of packets that were damaged at random, under the sanitizers.
 *
 *     fuzz_decoder [CASES [SEED]]
 *
 * With clang, `-DLUBDUB_LIBFUZZER -fsanitize=fuzzer` makes a libFuzzer target of the same checks.
 */
#include <inttypes.h>
#include <string.h>

#include "../lubdub_protocol.h"
#include "check.h"
#include "packet_line.h"
#include "random_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t packets_seen;
static uint64_t corrupt_seen;

static bool is_inside(const lubdub_decoder *decoder, const void *start, size_t length) {
    const uint8_t *at = (const uint8_t *)start;
    return at >= decoder->frame && at + length <= decoder->frame + sizeof decoder->frame;
}

static bool pointers_are_inside(const lubdub_decoder *decoder, const lubdub_packet *packet) {
    const lubdub_info *info = &packet->as.info;
    switch (packet->type) {
    case LUBDUB_INFO:
        return is_inside(decoder, info->firmware.bytes, info->firmware.length) &&
               is_inside(decoder, info->serial_number.bytes, info->serial_number.length);
    case LUBDUB_SAMPLES:
        return is_inside(decoder, packet->as.samples.data,
                         packet->as.samples.count * (packet->as.samples.format / 8u));
    case LUBDUB_ERROR:
        return is_inside(decoder, packet->as.error.text.bytes, packet->as.error.text.length);
    case LUBDUB_HELLO:
    case LUBDUB_START:
    case LUBDUB_STOP:
    case LUBDUB_CREDIT:
    case LUBDUB_STATUS:
    case LUBDUB_STOPPED:
        return true;
    default:
        return is_inside(decoder, packet->as.unknown.bytes, packet->as.unknown.length);
    }
}

/* Whatever was read can be written, and reads the same again. */
static void check_round_trip(const lubdub_packet *packet) {
    lubdub_decoder decoder;
    lubdub_packet again;
    uint8_t wire[LUBDUB_MAX_WIRE];
    char line[PACKET_LINE_BYTES];
    char line_again[PACKET_LINE_BYTES];
    const size_t length = lubdub_encode(packet, wire);
    size_t i;
    CHECK(length != 0);
    lubdub_decoder_init(&decoder);
    for (i = 0; i + 1 < length; i++) {
        CHECK(lubdub_decode(&decoder, wire[i], &again) == LUBDUB_NOTHING);
    }
    CHECK(lubdub_decode(&decoder, wire[i], &again) == LUBDUB_PACKET);
    packet_line(packet, line);
    packet_line(&again, line_again);
    CHECK(strcmp(line, line_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t hello[] = {0, 6, 1, 1, 1, 0x20, 0x14, 0};
    lubdub_decoder decoder;
    lubdub_packet packet;
    lubdub_event event;
    size_t accounted = 0;
    size_t frame_bytes = 0;
    size_t i;
    lubdub_decoder_init(&decoder);
    for (i = 0; i < size; i++) {
        event = lubdub_decode(&decoder, data[i], &packet);
        frame_bytes++;
        if (event == LUBDUB_PACKET) {
            CHECK(pointers_are_inside(&decoder, &packet));
            check_round_trip(&packet);
            accounted += frame_bytes;
            packets_seen++;
        } else if (event != LUBDUB_NOTHING) {
            accounted += decoder.skipped;
            corrupt_seen++;
        } else if (data[i] == 0) {
            CHECK(frame_bytes == 1);
            accounted++;
        }
        if (event == LUBDUB_OVERLONG && data[i] != 0) {
            frame_bytes = 1;
        } else if (data[i] == 0) {
            frame_bytes = 0;
        }
    }
    CHECK(accounted + frame_bytes == size);
    /* In step again, whatever came before. */
    for (i = 0; i < sizeof hello; i++) {
        event = lubdub_decode(&decoder, hello[i], &packet);
    }
    CHECK(event == LUBDUB_PACKET && packet.type == LUBDUB_HELLO);
    CHECK(lubdub_decoder_finish(&decoder) == LUBDUB_NOTHING);
    return 0;
}

#ifndef LUBDUB_LIBFUZZER

enum { ROOM = 8192, PACKETS = 8 };

static size_t make_stream(random_source *source, uint8_t *stream) {
    const uint32_t count = 1 + random_below(source, PACKETS);
    size_t size = 0;
    uint32_t i;
    for (i = 0; i < count; i++) {
        lubdub_packet packet;
        uint8_t store[256];
        random_packet(source, &packet, store);
        size += lubdub_encode(&packet, stream + size);
    }
    return size;
}

static size_t damage(random_source *source, uint8_t *stream, size_t size) {
    const size_t at = random_below(source, (uint32_t)size);
    const size_t length = 1 + random_below(source, 1u << random_below(source, 9));
    const size_t rest = size - at;
    size_t i;
    switch (random_below(source, 6)) {
    case 0: /* one bit */
        stream[at] ^= (uint8_t)(1 << random_below(source, 8));
        return size;
    case 1: /* one byte, of those that steer the decoder more often */
        stream[at] = (uint8_t)(random_below(source, 2) ? random_u32(source) : (0x1ff01u >> (8 * random_below(source, 3))));
        return size;
    case 2: /* bytes lost */
        if (length >= rest) {
            return at == 0 ? size : at;
        }
        memmove(stream + at, stream + at + length, rest - length);
        return size - length;
    case 3: /* bytes put in */
        if (size + length > ROOM) {
            return size;
        }
        memmove(stream + at + length, stream + at, rest);
        for (i = 0; i < length; i++) {
            stream[at + i] = (uint8_t)random_u32(source);
        }
        return size + length;
    case 4: /* a piece of the stream again */
        if (size + length > ROOM || length > rest) {
            return size;
        }
        memmove(stream + at + length, stream + at, rest);
        return size + length;
    default: /* a run of one byte */
        memset(stream + at, (int)(random_u32(source) & 0xff), length < rest ? length : rest);
        return size;
    }
}

int main(int argc, char **argv) {
    const unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    const unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    random_source source = random_from(seed);
    static uint8_t stream[ROOM];
    uint64_t bytes = 0;
    unsigned long n;
    for (n = 0; n < cases; n++) {
        size_t size = make_stream(&source, stream);
        uint32_t times = random_below(&source, 6);
        while (times-- > 0) {
            size = damage(&source, stream, size);
        }
        LLVMFuzzerTestOneInput(stream, size);
        bytes += size;
    }
    printf("  %lu damaged streams from seed %lu: %" PRIu64 " bytes, %" PRIu64 " packets, %" PRIu64 " corrupt runs\n", cases,
           seed, bytes, packets_seen, corrupt_seen);
    return 0;
}

#endif
