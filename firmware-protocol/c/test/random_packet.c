#include "random_packet.h"

random_source random_from(uint64_t seed) {
    random_source source;
    source.state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    return source;
}

uint32_t random_u32(random_source *source) {
    uint64_t x = source->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    source->state = x;
    return (uint32_t)(x >> 32);
}

uint32_t random_below(random_source *source, uint32_t bound) { return random_u32(source) % bound; }

/* All values, their ends and the value of zero bytes more often. */
static uint32_t random_field(random_source *source) {
    static const uint32_t ends[] = {0, 1, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff, 0x00ff0000};
    return random_below(source, 3) == 0 ? ends[random_below(source, 8)] : random_u32(source);
}

/* Printable characters of one and of two bytes: control characters would be replaced by the receiver. */
static lubdub_text random_text(random_source *source, uint8_t *store, unsigned max_length) {
    const unsigned length = random_below(source, max_length + 1);
    lubdub_text text;
    unsigned at = 0;
    while (at < length) {
        if (at + 2 <= length && random_below(source, 4) == 0) {
            store[at++] = 0xc3;
            store[at++] = (uint8_t)(0x80 + random_below(source, 64));
        } else {
            store[at++] = (uint8_t)(0x20 + random_below(source, 95));
        }
    }
    text.bytes = (const char *)store;
    text.length = (uint8_t)length;
    return text;
}

static void random_bytes(random_source *source, uint8_t *store, unsigned length) {
    /* Many zeros, few zeros or none: all kinds of COBS blocks. */
    const uint32_t zeros = random_below(source, 4);
    unsigned i;
    for (i = 0; i < length; i++) {
        const uint8_t byte = (uint8_t)random_u32(source);
        store[i] = zeros > 1 && random_below(source, zeros) == 0 ? 0 : (uint8_t)(zeros == 0 ? byte | 1 : byte);
    }
}

static uint8_t random_or_unknown(random_source *source, uint32_t bound) {
    const uint32_t value = random_below(source, bound + 1);
    return value == bound ? LUBDUB_UNKNOWN : (uint8_t)value;
}

void random_packet(random_source *source, lubdub_packet *packet, uint8_t store[256]) {
    static const uint8_t types[] = {LUBDUB_HELLO,   LUBDUB_START,   LUBDUB_STOP,    LUBDUB_CREDIT,
                                    LUBDUB_INFO,    LUBDUB_STATUS,  LUBDUB_STOPPED, LUBDUB_ERROR,
                                    LUBDUB_SAMPLES, LUBDUB_SAMPLES, LUBDUB_SAMPLES, 0x10,
                                    0x7f,           0x86,           0xff};
    lubdub_info *info = &packet->as.info;
    lubdub_samples *samples = &packet->as.samples;

    packet->type = types[random_below(source, sizeof types)];
    switch (packet->type) {
    case LUBDUB_HELLO:
        packet->as.hello.protocol_current = (uint8_t)random_u32(source);
        packet->as.hello.protocol_min = (uint8_t)random_u32(source);
        break;
    case LUBDUB_START:
    case LUBDUB_STOP:
        break;
    case LUBDUB_CREDIT:
        packet->as.credit = random_field(source);
        break;
    case LUBDUB_INFO:
        info->protocol_current = (uint8_t)random_u32(source);
        info->protocol_min = (uint8_t)random_u32(source);
        info->bits_per_sample = (uint8_t)random_u32(source);
        info->sample_rate_hz = random_field(source);
        info->full_scale = random_field(source);
        info->compatible_flags = random_field(source);
        info->incompatible_flags = random_field(source);
        info->firmware = random_text(source, store, LUBDUB_MAX_NAME);
        info->serial_number = random_text(source, store + LUBDUB_MAX_NAME, LUBDUB_MAX_NAME);
        break;
    case LUBDUB_SAMPLES:
        samples->sequence = (uint16_t)random_field(source);
        samples->first_sample = random_field(source);
        samples->device_micros = random_field(source);
        samples->format = random_below(source, 2) ? 16 : 24;
        samples->count =
            (uint8_t)(1 + random_below(source, samples->format == 16 ? LUBDUB_MAX_SAMPLES_16 : LUBDUB_MAX_SAMPLES_24));
        samples->data = store;
        random_bytes(source, store, samples->count * (samples->format / 8u));
        break;
    case LUBDUB_STATUS:
        packet->as.status.overrun_samples = random_field(source);
        packet->as.status.clipped_samples = random_field(source);
        packet->as.status.battery = random_or_unknown(source, 101);
        packet->as.status.contact = random_or_unknown(source, 2);
        break;
    case LUBDUB_STOPPED:
        packet->as.stopped.reason = (uint8_t)random_below(source, 4);
        packet->as.stopped.sample_index = random_field(source);
        break;
    case LUBDUB_ERROR:
        packet->as.error.code = (uint16_t)random_u32(source);
        packet->as.error.text = random_text(source, store, LUBDUB_MAX_ERROR_TEXT);
        break;
    default:
        packet->as.unknown.bytes = store;
        packet->as.unknown.length = (uint8_t)random_below(source, 251);
        random_bytes(source, store, packet->as.unknown.length);
        break;
    }
}
