/*
 * The device's side of the lubdub protocol. See lubdub_device.h, and "States" in firmware-protocol/README.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lubdub_device.h"

static bool send(lubdub_device *device, const lubdub_packet *packet) {
    uint8_t wire[LUBDUB_MAX_WIRE];
    const size_t length = lubdub_encode(packet, wire);
    return length != 0 && device->config.write(device->config.context, wire, length);
}

static void send_info(lubdub_device *device) {
    lubdub_packet packet;
    packet.type = LUBDUB_INFO;
    packet.as.info = device->config.info;
    send(device, &packet);
}

static void send_stopped(lubdub_device *device) {
    lubdub_packet packet;
    packet.type = LUBDUB_STOPPED;
    packet.as.stopped.reason = device->stop_reason;
    packet.as.stopped.sample_index = device->index;
    send(device, &packet);
}

/* Begins the next packet; its time is set when its first sample comes. */
static void begin_packet(lubdub_device *device, uint32_t micros) {
    lubdub_samples_begin(&device->writer, device->wire, device->sequence, device->index, micros,
                         device->config.info.bits_per_sample);
}

/* Sends the samples collected. A packet that finds no room takes no sequence number: its samples are an overrun. */
static void flush(lubdub_device *device) {
    const uint8_t count = device->writer.count;
    const size_t length = lubdub_samples_end(&device->writer);
    device->writer.count = 0;
    if (length == 0) {
        return;
    }
    if (device->config.write(device->config.context, device->wire, length)) {
        device->sequence++;
    } else {
        device->overrun_samples += count;
    }
}

static void start(lubdub_device *device) {
    device->state = LUBDUB_STREAMING;
    device->sequence = 0;
    device->index = 0;
    device->overrun_samples = 0;
    device->clipped_samples = 0;
    device->writer.count = 0;
}

static void receive_hello(lubdub_device *device, const lubdub_hello *hello) {
    const lubdub_info *info = &device->config.info;
    device->version_refused =
        hello->protocol_current < info->protocol_min || info->protocol_current < hello->protocol_min;
    send_info(device);
    if (device->version_refused) {
        lubdub_device_stop(device, LUBDUB_REQUEST);
        device->state = LUBDUB_IDLE;
    } else if (device->state == LUBDUB_IDLE) {
        device->state = LUBDUB_READY;
        /* CREDIT that crossed a restart on the wire counts in the numbering before it. */
        device->has_credit = false;
    }
}

static void receive_start(lubdub_device *device) {
    if (device->state == LUBDUB_READY) {
        start(device);
    } else if (device->state == LUBDUB_IDLE && device->version_refused) {
        lubdub_device_send_error(device, LUBDUB_ERROR_UNSUPPORTED_VERSION, "no protocol version in common");
    } else if (device->state == LUBDUB_IDLE) {
        lubdub_device_send_error(device, LUBDUB_ERROR_BAD_REQUEST, "START needs a HELLO before it");
    }
}

static void receive_stop(lubdub_device *device) {
    if (device->state == LUBDUB_STREAMING) {
        lubdub_device_stop(device, LUBDUB_REQUEST);
    } else {
        send_stopped(device);
    }
}

/* A limit is only ever raised: a CREDIT that comes late takes nothing back. */
static void receive_credit(lubdub_device *device, uint32_t limit) {
    if (!device->has_credit || (int32_t)(limit - device->credit_limit) > 0) {
        device->credit_limit = limit;
    }
    device->has_credit = true;
}

static bool is_possible(const lubdub_device_config *config) {
    const lubdub_info *info = &config->info;
    const bool wide = info->bits_per_sample == 24;
    return (wide || info->bits_per_sample == 16) && info->sample_rate_hz >= LUBDUB_MIN_RATE_HZ &&
           info->sample_rate_hz <= LUBDUB_MAX_RATE_HZ && info->full_scale != 0 &&
           info->full_scale <= (wide ? UINT32_C(0x800000) : UINT32_C(0x8000)) &&
           info->firmware.length <= LUBDUB_MAX_NAME && info->serial_number.length <= LUBDUB_MAX_NAME &&
           config->samples_per_packet != 0 &&
           config->samples_per_packet <= (wide ? LUBDUB_MAX_SAMPLES_24 : LUBDUB_MAX_SAMPLES_16);
}

bool lubdub_device_init(lubdub_device *device, const lubdub_device_config *config) {
    static const uint8_t delimiter = 0;
    if (!is_possible(config)) {
        return false;
    }
    device->state = LUBDUB_IDLE;
    device->version_refused = false;
    device->has_credit = false;
    device->stop_reason = LUBDUB_REQUEST;
    device->sequence = 0;
    device->index = 0;
    device->overrun_samples = 0;
    device->clipped_samples = 0;
    device->credit_limit = 0;
    device->config = *config;
    device->config.info.protocol_current = LUBDUB_PROTOCOL_CURRENT;
    device->config.info.protocol_min = LUBDUB_PROTOCOL_MIN;
    begin_packet(device, 0);
    lubdub_decoder_init(&device->decoder);
    /* What a boot loader left on the line must not cling to INFO. */
    device->config.write(device->config.context, &delimiter, 1);
    send_info(device);
    return true;
}

void lubdub_device_receive(lubdub_device *device, uint8_t byte) {
    lubdub_packet packet;
    if (lubdub_decode(&device->decoder, byte, &packet) != LUBDUB_PACKET) {
        return;
    }
    switch (packet.type) {
    case LUBDUB_HELLO:
        receive_hello(device, &packet.as.hello);
        break;
    case LUBDUB_START:
        receive_start(device);
        break;
    case LUBDUB_STOP:
        receive_stop(device);
        break;
    case LUBDUB_CREDIT:
        receive_credit(device, packet.as.credit);
        break;
    default:
        break;
    }
}

void lubdub_device_sample(lubdub_device *device, int32_t sample, uint32_t micros) {
    const int32_t full_scale = (int32_t)device->config.info.full_scale;
    if (device->state != LUBDUB_STREAMING) {
        return;
    }
    if (device->writer.count == 0) {
        begin_packet(device, micros);
    }
    if (sample >= full_scale - 1 || sample <= -full_scale) {
        device->clipped_samples++;
    }
    lubdub_samples_add(&device->writer, sample);
    device->index++;
    if (device->writer.count >= device->config.samples_per_packet) {
        flush(device);
    }
}

void lubdub_device_overrun(lubdub_device *device, uint32_t count) {
    if (device->state != LUBDUB_STREAMING || count == 0) {
        return;
    }
    flush(device);
    device->index += count;
    device->overrun_samples += count;
}

uint32_t lubdub_device_credit(const lubdub_device *device) {
    const int32_t left = (int32_t)(device->credit_limit - device->index);
    if (!device->has_credit) {
        return UINT32_MAX;
    }
    return left > 0 ? (uint32_t)left : 0;
}

void lubdub_device_send_status(lubdub_device *device, uint8_t battery, uint8_t contact) {
    lubdub_packet packet;
    if (device->state != LUBDUB_STREAMING) {
        return;
    }
    packet.type = LUBDUB_STATUS;
    packet.as.status.overrun_samples = device->overrun_samples;
    packet.as.status.clipped_samples =
        device->config.info.compatible_flags & LUBDUB_REPORTS_CLIPPING ? device->clipped_samples : 0;
    packet.as.status.battery = battery;
    packet.as.status.contact = contact;
    send(device, &packet);
}

void lubdub_device_stop(lubdub_device *device, uint8_t reason) {
    if (device->state != LUBDUB_STREAMING) {
        return;
    }
    flush(device);
    device->state = LUBDUB_READY;
    device->stop_reason = reason;
    device->has_credit = false;
    send_stopped(device);
}

void lubdub_device_send_error(lubdub_device *device, uint16_t code, const char *text) {
    lubdub_packet packet;
    uint8_t length = 0;
    while (length < LUBDUB_MAX_ERROR_TEXT && text[length] != '\0') {
        length++;
    }
    packet.type = LUBDUB_ERROR;
    packet.as.error.code = code;
    packet.as.error.text.bytes = text;
    packet.as.error.text.length = length;
    send(device, &packet);
}
