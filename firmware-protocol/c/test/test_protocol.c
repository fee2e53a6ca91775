/* The codec against the golden packets, against itself, and at its edges. */
#include <string.h>

#include "../lubdub_protocol.h"
#include "check.h"
#include "packet_line.h"
#include "random_packet.h"
#include "vectors.h"

enum { VECTORS = sizeof vectors / sizeof vectors[0], ROUND_TRIPS = 200000 };

/* Decodes all bytes and writes one line an event. Returns the last packet's length on the wire if encoded anew. */
static void decode_to_lines(const uint8_t *wire, size_t length, char *lines) {
    lubdub_decoder decoder;
    lubdub_packet packet;
    lubdub_event event;
    size_t i;
    *lines = '\0';
    lubdub_decoder_init(&decoder);
    for (i = 0; i < length; i++) {
        event = lubdub_decode(&decoder, wire[i], &packet);
        if (event == LUBDUB_PACKET) {
            lines += packet_line(&packet, lines);
        } else if (event != LUBDUB_NOTHING) {
            lines += corrupt_line(event, decoder.skipped, lines);
        }
    }
    event = lubdub_decoder_finish(&decoder);
    if (event != LUBDUB_NOTHING) {
        corrupt_line(event, decoder.skipped, lines);
    }
}

static void test_vectors(void) {
    static char lines[8 * PACKET_LINE_BYTES];
    size_t canonical = 0;
    size_t v;
    for (v = 0; v < VECTORS; v++) {
        const uint8_t *wire = (const uint8_t *)vectors[v].wire;
        decode_to_lines(wire, vectors[v].length, lines);
        if (strcmp(lines, vectors[v].lines) != 0) {
            fprintf(stderr, "FAILED %s: expected\n%sgot\n%s", vectors[v].name, vectors[v].lines, lines);
            exit(1);
        }
        if (vectors[v].canonical) {
            lubdub_decoder decoder;
            lubdub_packet packet;
            uint8_t again[LUBDUB_MAX_WIRE];
            size_t i;
            lubdub_decoder_init(&decoder);
            for (i = 0; i + 1 < vectors[v].length; i++) {
                CHECK(lubdub_decode(&decoder, wire[i], &packet) == LUBDUB_NOTHING);
            }
            CHECK(lubdub_decode(&decoder, wire[i], &packet) == LUBDUB_PACKET);
            CHECK(lubdub_encode(&packet, again) == vectors[v].length);
            CHECK(memcmp(again, wire, vectors[v].length) == 0);
            canonical++;
        }
    }
    printf("  %u golden packets read, %u of them written again\n", (unsigned)VECTORS, (unsigned)canonical);
}

static void test_check_values(void) {
    CHECK(lubdub_crc16((const uint8_t *)"123456789", 9) == 0x31c3);
    CHECK(lubdub_crc16(NULL, 0) == 0);
    printf("  CRC-16/XMODEM of \"123456789\" is 0x31C3\n");
}

static void test_round_trips(void) {
    random_source source = random_from(20240601);
    lubdub_decoder decoder;
    size_t i;
    unsigned n;
    lubdub_decoder_init(&decoder);
    for (n = 0; n < ROUND_TRIPS; n++) {
        lubdub_packet packet;
        lubdub_packet read;
        uint8_t store[256];
        uint8_t wire[LUBDUB_MAX_WIRE];
        char written_line[PACKET_LINE_BYTES];
        char read_line[PACKET_LINE_BYTES];
        size_t length;
        random_packet(&source, &packet, store);
        length = lubdub_encode(&packet, wire);
        CHECK(length >= 5 && length <= LUBDUB_MAX_WIRE);
        CHECK(memchr(wire, 0, length) == wire + length - 1);
        for (i = 0; i + 1 < length; i++) {
            CHECK(lubdub_decode(&decoder, wire[i], &read) == LUBDUB_NOTHING);
        }
        CHECK(lubdub_decode(&decoder, 0, &read) == LUBDUB_PACKET);
        packet_line(&packet, written_line);
        packet_line(&read, read_line);
        CHECK(strcmp(written_line, read_line) == 0);
    }
    CHECK(decoder.packets == ROUND_TRIPS && decoder.corrupt == 0);
    printf("  %d random packets written and read again\n", ROUND_TRIPS);
}

static void test_samples_writer(void) {
    static const int32_t values[] = {-8388609, -8388608, -32769, -32768, -1, 0, 1, 32767, 32768, 8388607, 8388608};
    static const int32_t held16[] = {-32768, -32768, -32768, -32768, -1, 0, 1, 32767, 32767, 32767, 32767};
    static const int32_t held24[] = {-8388608, -8388608, -32769, -32768, -1, 0, 1, 32767, 32768, 8388607, 8388607};
    const unsigned count = sizeof values / sizeof values[0];
    uint8_t format;
    for (format = 16; format <= 24; format = (uint8_t)(format + 8)) {
        const int32_t *held = format == 16 ? held16 : held24;
        const unsigned most = format == 16 ? LUBDUB_MAX_SAMPLES_16 : LUBDUB_MAX_SAMPLES_24;
        lubdub_samples_writer writer;
        lubdub_decoder decoder;
        lubdub_packet packet;
        uint8_t wire[LUBDUB_MAX_WIRE];
        size_t length;
        size_t i;
        lubdub_samples_begin(&writer, wire, 65535, 0xfffffffe, 3, format);
        CHECK(lubdub_samples_end(&writer) == 0);
        for (i = 0; i < most; i++) {
            CHECK(lubdub_samples_add(&writer, values[i % count]));
        }
        CHECK(!lubdub_samples_add(&writer, 0));
        length = lubdub_samples_end(&writer);
        CHECK(length == (format == 16 ? 254u : 253u));
        lubdub_decoder_init(&decoder);
        for (i = 0; i + 1 < length; i++) {
            CHECK(lubdub_decode(&decoder, wire[i], &packet) == LUBDUB_NOTHING);
        }
        CHECK(lubdub_decode(&decoder, wire[i], &packet) == LUBDUB_PACKET);
        CHECK(packet.type == LUBDUB_SAMPLES && packet.as.samples.count == most);
        CHECK(packet.as.samples.sequence == 65535 && packet.as.samples.first_sample == 0xfffffffe);
        for (i = 0; i < most; i++) {
            CHECK(lubdub_sample_at(&packet.as.samples, (unsigned)i) == held[i % count]);
        }
    }
    printf("  samples collected one by one, full packets, values held to their range\n");
}

static void refuse(lubdub_packet *packet) {
    uint8_t wire[LUBDUB_MAX_WIRE];
    CHECK(lubdub_encode(packet, wire) == 0);
}

static void test_refusals(void) {
    static const uint8_t bytes[256] = {0};
    lubdub_packet packet;
    memset(&packet, 0, sizeof packet);
    packet.type = LUBDUB_SAMPLES;
    packet.as.samples.data = bytes;
    packet.as.samples.format = 16;
    refuse(&packet);
    packet.as.samples.count = LUBDUB_MAX_SAMPLES_16 + 1;
    refuse(&packet);
    packet.as.samples.count = LUBDUB_MAX_SAMPLES_24 + 1;
    packet.as.samples.format = 24;
    refuse(&packet);
    packet.as.samples.count = 1;
    packet.as.samples.format = 12;
    refuse(&packet);
    memset(&packet, 0, sizeof packet);
    packet.type = LUBDUB_INFO;
    packet.as.info.serial_number.bytes = (const char *)bytes;
    packet.as.info.serial_number.length = LUBDUB_MAX_NAME + 1;
    refuse(&packet);
    packet.type = LUBDUB_ERROR;
    packet.as.error.text.bytes = (const char *)bytes;
    packet.as.error.text.length = LUBDUB_MAX_ERROR_TEXT + 1;
    refuse(&packet);
    packet.type = LUBDUB_STATUS;
    packet.as.status.battery = 101;
    packet.as.status.contact = 0;
    refuse(&packet);
    packet.as.status.battery = 100;
    packet.as.status.contact = 2;
    refuse(&packet);
    packet.type = LUBDUB_STOPPED;
    packet.as.stopped.reason = LUBDUB_FAULT + 1;
    refuse(&packet);
    packet.type = 0x70;
    packet.as.unknown.bytes = bytes;
    packet.as.unknown.length = 251;
    refuse(&packet);
    packet.as.unknown.length = 0;
    packet.type = 0;
    refuse(&packet);
    packet.type = 0x80;
    refuse(&packet);
    printf("  what does not fit is refused\n");
}

static void test_state(void) {
    /* The figures that README.md states. */
    CHECK(sizeof(lubdub_decoder) <= 272);
    printf("  state: %u bytes a decoder, none an encoder\n", (unsigned)sizeof(lubdub_decoder));
}

int main(void) {
    test_check_values();
    test_vectors();
    test_round_trips();
    test_samples_writer();
    test_refusals();
    test_state();
    return 0;
}
