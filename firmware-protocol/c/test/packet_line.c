#include "packet_line.h"

#include <inttypes.h>
#include <stdio.h>

static char *put_hex(char *at, const uint8_t *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    size_t i;
    *at++ = '\'';
    for (i = 0; i < length; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at++ = '\'';
    return at;
}

static char *put_text(char *at, const lubdub_text *text) {
    return put_hex(at, (const uint8_t *)text->bytes, text->length);
}

/* FNV-1a over the samples as 32-bit little-endian integers. */
static uint32_t fnv1a(const lubdub_samples *samples) {
    uint32_t code = UINT32_C(0x811c9dc5);
    unsigned i;
    unsigned shift;
    for (i = 0; i < samples->count; i++) {
        const uint32_t bits = (uint32_t)lubdub_sample_at(samples, i);
        for (shift = 0; shift < 32; shift += 8) {
            code = (code ^ ((bits >> shift) & 0xff)) * UINT32_C(0x01000193);
        }
    }
    return code;
}

static char *put_byte_or_dash(char *at, uint8_t value) {
    return at + (value == LUBDUB_UNKNOWN ? sprintf(at, "-") : sprintf(at, "%u", value));
}

size_t packet_line(const lubdub_packet *packet, char line[PACKET_LINE_BYTES]) {
    static const char *const reasons[] = {"end", "request", "battery", "fault"};
    const lubdub_info *info = &packet->as.info;
    const lubdub_samples *samples = &packet->as.samples;
    const lubdub_status *status = &packet->as.status;
    char *at = line;

    switch (packet->type) {
    case LUBDUB_HELLO:
        at += sprintf(at, "hello %u %u", packet->as.hello.protocol_current, packet->as.hello.protocol_min);
        break;
    case LUBDUB_START:
        at += sprintf(at, "start");
        break;
    case LUBDUB_STOP:
        at += sprintf(at, "stop");
        break;
    case LUBDUB_CREDIT:
        at += sprintf(at, "credit %" PRIu32, packet->as.credit);
        break;
    case LUBDUB_INFO:
        at += sprintf(at, "info %u %u %" PRIu32 " %u %" PRIu32 " %" PRIu32 " %" PRIu32 " ", info->protocol_current,
                      info->protocol_min, info->sample_rate_hz, info->bits_per_sample, info->full_scale,
                      info->compatible_flags, info->incompatible_flags);
        at = put_text(at, &info->firmware);
        *at++ = ' ';
        at = put_text(at, &info->serial_number);
        break;
    case LUBDUB_SAMPLES:
        at += sprintf(at, "samples %u %" PRIu32 " %" PRIu32 " %u %u %08" PRIx32, samples->sequence,
                      samples->first_sample, samples->device_micros, samples->format, samples->count, fnv1a(samples));
        break;
    case LUBDUB_STATUS:
        at += sprintf(at, "status %" PRIu32 " %" PRIu32 " ", status->overrun_samples, status->clipped_samples);
        at = put_byte_or_dash(at, status->battery);
        *at++ = ' ';
        at = put_byte_or_dash(at, status->contact);
        break;
    case LUBDUB_STOPPED:
        at += sprintf(at, "stopped %s %" PRIu32, reasons[packet->as.stopped.reason], packet->as.stopped.sample_index);
        break;
    case LUBDUB_ERROR:
        at += sprintf(at, "error %u ", packet->as.error.code);
        at = put_text(at, &packet->as.error.text);
        break;
    default:
        at += sprintf(at, "unknown %u ", packet->type);
        at = put_hex(at, packet->as.unknown.bytes, packet->as.unknown.length);
        break;
    }
    *at++ = '\n';
    *at = '\0';
    return (size_t)(at - line);
}

size_t corrupt_line(lubdub_event event, unsigned skipped, char line[PACKET_LINE_BYTES]) {
    static const char *const reasons[] = {"", "", "overlong", "cobs", "short", "crc", "malformed", "truncated"};
    return (size_t)sprintf(line, "corrupt %s %u\n", reasons[event], skipped);
}
