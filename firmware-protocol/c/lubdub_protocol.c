/*
 * lubdub wire protocol, version 1. See lubdub_protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lubdub_protocol.h"

enum { CRC_BYTES = 2, MAX_BODY = LUBDUB_MAX_PACKET - CRC_BYTES, SAMPLES_HEADER = 12 };

/* Four bits at a time: 32 bytes of table instead of 512, and four times as fast as bit by bit. */
static uint16_t crc16_add(uint16_t crc, uint8_t byte) {
    static const uint16_t table[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
                                       0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};
    crc = (uint16_t)((crc << 4) ^ table[(crc >> 12) ^ (byte >> 4)]);
    return (uint16_t)((crc << 4) ^ table[(crc >> 12) ^ (byte & 0x0f)]);
}

uint16_t lubdub_crc16(const uint8_t *bytes, size_t length) {
    uint16_t crc = 0;
    size_t i;
    for (i = 0; i < length; i++) {
        crc = crc16_add(crc, bytes[i]);
    }
    return crc;
}

/* ---- writing ---- */

static uint8_t *put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value) {
    return put16(put16(at, (uint16_t)value), (uint16_t)(value >> 16));
}

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, size_t length) {
    size_t i;
    for (i = 0; i < length; i++) {
        at[i] = bytes[i];
    }
    return at + length;
}

static uint8_t *put_text(uint8_t *at, const lubdub_text *text) {
    *at = text->length;
    return put_bytes(at + 1, (const uint8_t *)text->bytes, text->length);
}

/*
 * Makes a frame of the body that stands at wire[1] .. wire[length]. A packet is shorter than COBS's longest block, so
 * stuffing only puts one byte in front and replaces each zero by the distance to the next: no second buffer.
 */
static size_t finish_frame(uint8_t *wire, size_t length) {
    size_t code_at = 0;
    size_t i;
    put16(wire + 1 + length, lubdub_crc16(wire + 1, length));
    length += CRC_BYTES;
    for (i = 1; i <= length; i++) {
        if (wire[i] == 0) {
            wire[code_at] = (uint8_t)(i - code_at);
            code_at = i;
        }
    }
    wire[code_at] = (uint8_t)(length + 1 - code_at);
    wire[length + 1] = 0;
    return length + 2;
}

static uint8_t max_samples(uint8_t format) {
    switch (format) {
    case 16:
        return LUBDUB_MAX_SAMPLES_16;
    case 24:
        return LUBDUB_MAX_SAMPLES_24;
    default:
        return 0;
    }
}

static uint8_t *put_samples_header(uint8_t *at, uint16_t sequence, uint32_t first_sample, uint32_t device_micros,
                                   uint8_t format) {
    *at = LUBDUB_SAMPLES;
    at = put32(put32(put16(at + 1, sequence), first_sample), device_micros);
    *at = format;
    return at + 1;
}

/* Returns the end of the body, or NULL where a field does not fit. */
static uint8_t *put_body(uint8_t *at, const lubdub_packet *packet) {
    const lubdub_info *info = &packet->as.info;
    const lubdub_samples *samples = &packet->as.samples;
    const lubdub_status *status = &packet->as.status;
    const lubdub_error *error = &packet->as.error;
    const lubdub_payload *unknown = &packet->as.unknown;

    *at++ = packet->type;
    switch (packet->type) {
    case LUBDUB_HELLO:
        *at++ = packet->as.hello.protocol_current;
        *at++ = packet->as.hello.protocol_min;
        return at;
    case LUBDUB_START:
    case LUBDUB_STOP:
        return at;
    case LUBDUB_CREDIT:
        return put32(at, packet->as.credit);
    case LUBDUB_INFO:
        if (info->firmware.length > LUBDUB_MAX_NAME || info->serial_number.length > LUBDUB_MAX_NAME) {
            return NULL;
        }
        *at++ = info->protocol_current;
        *at++ = info->protocol_min;
        at = put32(at, info->sample_rate_hz);
        *at++ = info->bits_per_sample;
        at = put32(at, info->full_scale);
        at = put32(at, info->compatible_flags);
        at = put32(at, info->incompatible_flags);
        return put_text(put_text(at, &info->firmware), &info->serial_number);
    case LUBDUB_SAMPLES:
        if (samples->count == 0 || samples->count > max_samples(samples->format)) {
            return NULL;
        }
        at = put_samples_header(at - 1, samples->sequence, samples->first_sample, samples->device_micros,
                                samples->format);
        return put_bytes(at, samples->data, (size_t)samples->count * (samples->format / 8u));
    case LUBDUB_STATUS:
        if ((status->battery > 100 && status->battery != LUBDUB_UNKNOWN) ||
            (status->contact > 1 && status->contact != LUBDUB_UNKNOWN)) {
            return NULL;
        }
        at = put32(put32(at, status->overrun_samples), status->clipped_samples);
        *at++ = status->battery;
        *at++ = status->contact;
        return at;
    case LUBDUB_STOPPED:
        if (packet->as.stopped.reason > LUBDUB_FAULT) {
            return NULL;
        }
        *at++ = packet->as.stopped.reason;
        return put32(at, packet->as.stopped.sample_index);
    case LUBDUB_ERROR:
        if (error->text.length > LUBDUB_MAX_ERROR_TEXT) {
            return NULL;
        }
        return put_text(put16(at, error->code), &error->text);
    case 0x00:
    case 0x80:
        return NULL;
    default:
        if (unknown->length > MAX_BODY - 1) {
            return NULL;
        }
        return put_bytes(at, unknown->bytes, unknown->length);
    }
}

size_t lubdub_encode(const lubdub_packet *packet, uint8_t wire[LUBDUB_MAX_WIRE]) {
    const uint8_t *end = put_body(wire + 1, packet);
    return end == NULL ? 0 : finish_frame(wire, (size_t)(end - (wire + 1)));
}

void lubdub_samples_begin(lubdub_samples_writer *writer, uint8_t wire[LUBDUB_MAX_WIRE], uint16_t sequence,
                          uint32_t first_sample, uint32_t device_micros, uint8_t format) {
    put_samples_header(wire + 1, sequence, first_sample, device_micros, format);
    writer->wire = wire;
    writer->length = SAMPLES_HEADER;
    writer->format = format;
    writer->count = 0;
}

bool lubdub_samples_add(lubdub_samples_writer *writer, int32_t sample) {
    const int32_t limit = writer->format == 16 ? INT32_C(0x7fff) : INT32_C(0x7fffff);
    uint8_t *at = writer->wire + 1 + writer->length;
    uint32_t bits;
    if (writer->count >= max_samples(writer->format)) {
        return false;
    }
    if (sample > limit) {
        sample = limit;
    } else if (sample < -limit - 1) {
        sample = -limit - 1;
    }
    bits = (uint32_t)sample;
    at = put16(at, (uint16_t)bits);
    if (writer->format == 24) {
        *at = (uint8_t)(bits >> 16);
    }
    writer->length = (uint8_t)(writer->length + writer->format / 8);
    writer->count++;
    return true;
}

size_t lubdub_samples_end(lubdub_samples_writer *writer) {
    return writer->count == 0 ? 0 : finish_frame(writer->wire, writer->length);
}

/* ---- reading ---- */

/* An int may have 16 bits only: a byte must be unsigned before it is shifted to its top. */
static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] | ((uint16_t)at[1] << 8)); }

static uint32_t get32(const uint8_t *at) { return get16(at) | ((uint32_t)get16(at + 2) << 16); }

int32_t lubdub_sample_at(const lubdub_samples *samples, unsigned i) {
    const uint8_t *at = samples->data + (size_t)i * (samples->format / 8u);
    uint32_t bits = get16(at);
    uint32_t sign = UINT32_C(0x8000);
    if (samples->format == 24) {
        bits |= (uint32_t)at[2] << 16;
        sign = UINT32_C(0x800000);
    }
    return bits < sign ? (int32_t)bits : (int32_t)(bits - sign) - (int32_t)sign;
}

/* Undoes the stuffing in place. Returns the length of the data, or -1. */
static int unstuff(uint8_t *frame, unsigned length) {
    unsigned read = 0;
    unsigned write = 0;
    while (read < length) {
        const unsigned code = frame[read];
        const unsigned end = read + code;
        if (end > length) {
            return -1;
        }
        for (read++; read < end; read++) {
            frame[write++] = frame[read];
        }
        if (code != 0xff && read < length) {
            frame[write++] = 0;
        }
    }
    return (int)write;
}

/* Reads a text at *at and moves *at behind it. Returns false where it does not fit before `end`. */
static bool get_text(const uint8_t **at, const uint8_t *end, uint8_t max_length, lubdub_text *text) {
    if (*at >= end) {
        return false;
    }
    text->length = **at;
    text->bytes = (const char *)(*at + 1);
    if (text->length > max_length || text->length > end - (*at + 1)) {
        return false;
    }
    *at += 1 + text->length;
    return true;
}

static bool get_samples(const uint8_t *payload, unsigned length, lubdub_samples *samples) {
    unsigned bytes_per_sample;
    samples->sequence = get16(payload);
    samples->first_sample = get32(payload + 2);
    samples->device_micros = get32(payload + 6);
    samples->format = payload[10];
    samples->data = payload + 11;
    length -= 11;
    if (samples->format != 16 && samples->format != 24) {
        return false;
    }
    bytes_per_sample = samples->format / 8u;
    samples->count = (uint8_t)(length / bytes_per_sample);
    return length != 0 && length % bytes_per_sample == 0;
}

/* Reads the fields after the type byte; what is longer than they are is passed over. */
static bool get_fields(const uint8_t *payload, unsigned length, lubdub_packet *packet) {
    const uint8_t *const end = payload + length;
    const uint8_t *at;
    lubdub_info *info = &packet->as.info;
    lubdub_status *status = &packet->as.status;

    switch (packet->type) {
    case LUBDUB_HELLO:
        if (length < 2) {
            return false;
        }
        packet->as.hello.protocol_current = payload[0];
        packet->as.hello.protocol_min = payload[1];
        return true;
    case LUBDUB_START:
    case LUBDUB_STOP:
        return true;
    case LUBDUB_CREDIT:
        if (length < 4) {
            return false;
        }
        packet->as.credit = get32(payload);
        return true;
    case LUBDUB_INFO:
        if (length < 21) {
            return false;
        }
        info->protocol_current = payload[0];
        info->protocol_min = payload[1];
        info->sample_rate_hz = get32(payload + 2);
        info->bits_per_sample = payload[6];
        info->full_scale = get32(payload + 7);
        info->compatible_flags = get32(payload + 11);
        info->incompatible_flags = get32(payload + 15);
        at = payload + 19;
        return get_text(&at, end, LUBDUB_MAX_NAME, &info->firmware) &&
               get_text(&at, end, LUBDUB_MAX_NAME, &info->serial_number);
    case LUBDUB_SAMPLES:
        return length >= 11 && get_samples(payload, length, &packet->as.samples);
    case LUBDUB_STATUS:
        if (length < 10) {
            return false;
        }
        status->overrun_samples = get32(payload);
        status->clipped_samples = get32(payload + 4);
        status->battery = payload[8] <= 100 ? payload[8] : LUBDUB_UNKNOWN;
        status->contact = payload[9] <= 1 ? payload[9] : LUBDUB_UNKNOWN;
        return true;
    case LUBDUB_STOPPED:
        if (length < 5) {
            return false;
        }
        packet->as.stopped.reason = payload[0] <= LUBDUB_FAULT ? payload[0] : (uint8_t)LUBDUB_FAULT;
        packet->as.stopped.sample_index = get32(payload + 1);
        return true;
    case LUBDUB_ERROR:
        if (length < 3) {
            return false;
        }
        packet->as.error.code = get16(payload);
        at = payload + 2;
        return get_text(&at, end, LUBDUB_MAX_ERROR_TEXT, &packet->as.error.text);
    case 0x00:
    case 0x80:
        return false;
    default:
        packet->as.unknown.bytes = payload;
        packet->as.unknown.length = (uint8_t)length;
        return true;
    }
}

static lubdub_event reject(lubdub_decoder *decoder, lubdub_event event, unsigned skipped) {
    decoder->skipped = (uint16_t)skipped;
    decoder->corrupt++;
    return event;
}

static lubdub_event end_frame(lubdub_decoder *decoder, lubdub_packet *packet) {
    const unsigned length = decoder->length;
    int body;
    decoder->length = 0;
    if (decoder->overlong) {
        decoder->overlong = false;
        return reject(decoder, LUBDUB_OVERLONG, length + 1);
    }
    if (length == 0) {
        return LUBDUB_NOTHING;
    }
    body = unstuff(decoder->frame, length);
    if (body < 0) {
        return reject(decoder, LUBDUB_COBS, length + 1);
    }
    body -= CRC_BYTES;
    if (body < 1) {
        return reject(decoder, LUBDUB_SHORT, length + 1);
    }
    if (lubdub_crc16(decoder->frame, (size_t)body) != get16(decoder->frame + body)) {
        return reject(decoder, LUBDUB_CRC, length + 1);
    }
    packet->type = decoder->frame[0];
    if (!get_fields(decoder->frame + 1, (unsigned)body - 1, packet)) {
        return reject(decoder, LUBDUB_MALFORMED, length + 1);
    }
    decoder->packets++;
    return LUBDUB_PACKET;
}

void lubdub_decoder_init(lubdub_decoder *decoder) {
    decoder->length = 0;
    decoder->overlong = false;
    decoder->skipped = 0;
    decoder->packets = 0;
    decoder->corrupt = 0;
}

lubdub_event lubdub_decode(lubdub_decoder *decoder, uint8_t byte, lubdub_packet *packet) {
    lubdub_event event = LUBDUB_NOTHING;
    if (byte == 0) {
        return end_frame(decoder, packet);
    }
    if (decoder->length == LUBDUB_MAX_FRAME) {
        decoder->length = 0;
        decoder->overlong = true;
        event = reject(decoder, LUBDUB_OVERLONG, LUBDUB_MAX_FRAME);
    }
    decoder->frame[decoder->length++] = byte;
    return event;
}

lubdub_event lubdub_decoder_finish(lubdub_decoder *decoder) {
    const unsigned length = decoder->length;
    const lubdub_event event = decoder->overlong ? LUBDUB_OVERLONG : LUBDUB_TRUNCATED;
    decoder->length = 0;
    decoder->overlong = false;
    return length == 0 ? LUBDUB_NOTHING : reject(decoder, event, length);
}
