/*
 * lubdub wire protocol, version 1: reference codec for firmware.
 *
 * C99, no heap, no library: only the freestanding headers below. The protocol itself is described in
 * firmware-protocol/README.md; this file says how to use the codec.
 *
 *   Sending:   fill a lubdub_packet and call lubdub_encode(), or collect samples one by one with lubdub_samples_begin(),
 *              lubdub_samples_add() and lubdub_samples_end(). Both write into a buffer of LUBDUB_MAX_WIRE bytes.
 *   Receiving: give every byte to lubdub_decode(); it says when a packet is complete.
 *
 * All functions may be called from an interrupt handler; none may be called with the same object from two
 * places at once. There is no global state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LUBDUB_PROTOCOL_H
#define LUBDUB_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LUBDUB_PROTOCOL_CURRENT 1
#define LUBDUB_PROTOCOL_MIN 1

/* Bytes of type, payload and checksum; of the stuffed frame; of the frame with its delimiter. */
#define LUBDUB_MAX_PACKET 253
#define LUBDUB_MAX_FRAME 254
#define LUBDUB_MAX_WIRE 255

/* Most samples of one SAMPLES packet, most bytes of the texts in INFO and ERROR. */
#define LUBDUB_MAX_SAMPLES_16 119
#define LUBDUB_MAX_SAMPLES_24 79
#define LUBDUB_MAX_NAME 64
#define LUBDUB_MIN_RATE_HZ 1000UL
#define LUBDUB_MAX_RATE_HZ 192000UL
#define LUBDUB_MAX_ERROR_TEXT 128

/* Types. Any other byte but 0x00 and 0x80 is an unknown type: a complete packet, to be passed over. */
enum {
    LUBDUB_HELLO = 0x01,
    LUBDUB_START = 0x02,
    LUBDUB_STOP = 0x03,
    LUBDUB_CREDIT = 0x04,
    LUBDUB_INFO = 0x81,
    LUBDUB_SAMPLES = 0x82,
    LUBDUB_STATUS = 0x83,
    LUBDUB_STOPPED = 0x84,
    LUBDUB_ERROR = 0x85
};

/* Compatible flags of INFO. Version 1 has no incompatible ones. */
#define LUBDUB_WAITS_FOR_CREDIT (1UL << 0)
#define LUBDUB_REPORTS_CLIPPING (1UL << 1)
#define LUBDUB_REPORTS_BATTERY (1UL << 2)
#define LUBDUB_REPORTS_CONTACT (1UL << 3)
#define LUBDUB_SIMULATED (1UL << 4)

/* Battery and contact of STATUS. */
#define LUBDUB_UNKNOWN 255

/* Reasons of STOPPED. */
enum { LUBDUB_END, LUBDUB_REQUEST, LUBDUB_BATTERY, LUBDUB_FAULT };

/* Codes of ERROR. */
enum {
    LUBDUB_ERROR_UNSPECIFIED,
    LUBDUB_ERROR_UNSUPPORTED_VERSION,
    LUBDUB_ERROR_BAD_REQUEST,
    LUBDUB_ERROR_CONVERTER_FAULT,
    LUBDUB_ERROR_BATTERY_EMPTY,
    LUBDUB_ERROR_INTERNAL
};

/* Bytes of UTF-8, not ended by a zero. */
typedef struct {
    const char *bytes;
    uint8_t length;
} lubdub_text;

typedef struct {
    uint8_t protocol_current;
    uint8_t protocol_min;
} lubdub_hello;

typedef struct {
    uint8_t protocol_current;
    uint8_t protocol_min;
    uint8_t bits_per_sample;
    uint32_t sample_rate_hz;
    uint32_t full_scale;
    uint32_t compatible_flags;
    uint32_t incompatible_flags;
    lubdub_text firmware;
    lubdub_text serial_number;
} lubdub_info;

/* `data` are `count` little-endian samples of `format` bits (16 or 24); see lubdub_sample_at(). */
typedef struct {
    uint16_t sequence;
    uint8_t format;
    uint8_t count;
    uint32_t first_sample;
    uint32_t device_micros;
    const uint8_t *data;
} lubdub_samples;

typedef struct {
    uint32_t overrun_samples;
    uint32_t clipped_samples;
    uint8_t battery; /* 0..100 or LUBDUB_UNKNOWN */
    uint8_t contact; /* 0, 1 or LUBDUB_UNKNOWN */
} lubdub_status;

typedef struct {
    uint8_t reason;
    uint32_t sample_index;
} lubdub_stopped;

typedef struct {
    uint16_t code;
    lubdub_text text;
} lubdub_error;

/* Payload of a type that this version does not know. */
typedef struct {
    const uint8_t *bytes;
    uint8_t length;
} lubdub_payload;

/* One packet: its type, and the member of `as` that goes with it. START and STOP have none. */
typedef struct {
    uint8_t type;
    union {
        lubdub_hello hello;
        lubdub_info info;
        uint32_t credit; /* sampleLimit */
        lubdub_samples samples;
        lubdub_status status;
        lubdub_stopped stopped;
        lubdub_error error;
        lubdub_payload unknown;
    } as;
} lubdub_packet;

/*
 * Writes a packet as it goes over the wire, delimiter included. Copies everything: what the packet points to may
 * change afterwards.
 *
 * Returns how many bytes were written, or 0 where a field does not fit: a text too long, no samples or too many,
 * a format that is neither 16 nor 24, a battery of 101 to 254, a contact of 2 to 254, an unknown type with more than
 * 250 bytes, type 0x00 or 0x80.
 */
size_t lubdub_encode(const lubdub_packet *packet, uint8_t wire[LUBDUB_MAX_WIRE]);

/* Sample `i` of a SAMPLES packet, i < count. */
int32_t lubdub_sample_at(const lubdub_samples *samples, unsigned i);

/* A SAMPLES packet in the making, in the buffer that it will be sent from. */
typedef struct {
    uint8_t *wire;
    uint8_t length; /* of type and payload so far */
    uint8_t format;
    uint8_t count;
} lubdub_samples_writer;

/* Begins a packet in `wire`, which must stay untouched until lubdub_samples_end(). `format` is 16 or 24. */
void lubdub_samples_begin(lubdub_samples_writer *writer, uint8_t wire[LUBDUB_MAX_WIRE], uint16_t sequence,
                          uint32_t first_sample, uint32_t device_micros, uint8_t format);

/* Appends a sample, held to the range of the format. Returns false, and appends nothing, where the packet is full. */
bool lubdub_samples_add(lubdub_samples_writer *writer, int32_t sample);

/* Completes the packet. Returns the bytes to send from `wire`, 0 where no sample was added. */
size_t lubdub_samples_end(lubdub_samples_writer *writer);

/* What a byte completed. All from LUBDUB_OVERLONG on say why bytes were passed over. */
typedef enum {
    LUBDUB_NOTHING,
    LUBDUB_PACKET,
    LUBDUB_OVERLONG,  /* no delimiter where the longest packet would have ended */
    LUBDUB_COBS,      /* wrong stuffing */
    LUBDUB_SHORT,     /* fewer bytes than a type and a checksum */
    LUBDUB_CRC,       /* wrong checksum */
    LUBDUB_MALFORMED, /* right checksum, impossible fields */
    LUBDUB_TRUNCATED  /* the stream ended inside a packet */
} lubdub_event;

/* One receiver: a frame and a few counters. */
typedef struct {
    uint8_t frame[LUBDUB_MAX_FRAME];
    uint8_t length;
    bool overlong;
    /* How many bytes the last event that was no packet passed over. */
    uint16_t skipped;
    uint32_t packets;
    uint32_t corrupt;
} lubdub_decoder;

void lubdub_decoder_init(lubdub_decoder *decoder);

/*
 * Takes the next byte of the stream. On LUBDUB_PACKET `packet` holds what was received; its pointers lead into the
 * decoder and hold until the next call. Otherwise `packet` is undefined. In step again at most one maximum packet
 * after any corruption.
 */
lubdub_event lubdub_decode(lubdub_decoder *decoder, uint8_t byte, lubdub_packet *packet);

/* The stream has ended: LUBDUB_NOTHING, or what was left of a packet. The decoder is then ready for a new stream. */
lubdub_event lubdub_decoder_finish(lubdub_decoder *decoder);

/* CRC-16/XMODEM of `length` bytes, for tests and for other uses. */
uint16_t lubdub_crc16(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
