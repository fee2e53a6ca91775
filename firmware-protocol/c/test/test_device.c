/* The device's side: every arrow of the state diagram, numbering, overrun, credit. */
#include <string.h>

#include "../lubdub_device.h"
#include "check.h"
#include "packet_line.h"

/* The host's end of the wire: what the device wrote, as lines. */
static char heard[40000];
static size_t heard_length;
static bool line_is_full;
static lubdub_decoder ear;

static bool write_to_host(void *context, const uint8_t *bytes, size_t length) {
    size_t i;
    CHECK(context == heard);
    if (line_is_full) {
        return false;
    }
    for (i = 0; i < length; i++) {
        lubdub_packet packet;
        const lubdub_event event = lubdub_decode(&ear, bytes[i], &packet);
        CHECK(event == LUBDUB_NOTHING || event == LUBDUB_PACKET);
        if (event == LUBDUB_PACKET) {
            heard_length += packet_line(&packet, heard + heard_length);
            CHECK(heard_length < sizeof heard - PACKET_LINE_BYTES);
        }
    }
    return true;
}

static void forget_heard(void) {
    heard_length = 0;
    heard[0] = '\0';
}

static void expect_heard(const char *lines) {
    if (strcmp(heard, lines) != 0) {
        fprintf(stderr, "FAILED: expected\n%sgot\n%s", lines, heard);
        exit(1);
    }
    forget_heard();
}

static const char info_line[] = "info 1 1 2000 16 2048 3 0 '66' '73'\n";

static lubdub_device_config a_config(void) {
    lubdub_device_config config;
    memset(&config, 0, sizeof config);
    config.info.sample_rate_hz = 2000;
    config.info.bits_per_sample = 16;
    config.info.full_scale = 2048;
    config.info.compatible_flags = LUBDUB_WAITS_FOR_CREDIT | LUBDUB_REPORTS_CLIPPING;
    config.info.firmware.bytes = "f";
    config.info.firmware.length = 1;
    config.info.serial_number.bytes = "s";
    config.info.serial_number.length = 1;
    config.samples_per_packet = 2;
    config.write = write_to_host;
    config.context = heard;
    return config;
}

static void tell(lubdub_device *device, const lubdub_packet *packet) {
    uint8_t wire[LUBDUB_MAX_WIRE];
    const size_t length = lubdub_encode(packet, wire);
    size_t i;
    CHECK(length != 0);
    for (i = 0; i < length; i++) {
        lubdub_device_receive(device, wire[i]);
    }
}

static void tell_type(lubdub_device *device, uint8_t type) {
    lubdub_packet packet;
    memset(&packet, 0, sizeof packet);
    packet.type = type;
    tell(device, &packet);
}

static void tell_hello(lubdub_device *device, uint8_t current, uint8_t least) {
    lubdub_packet packet;
    packet.type = LUBDUB_HELLO;
    packet.as.hello.protocol_current = current;
    packet.as.hello.protocol_min = least;
    tell(device, &packet);
}

static void tell_credit(lubdub_device *device, uint32_t limit) {
    lubdub_packet packet;
    packet.type = LUBDUB_CREDIT;
    packet.as.credit = limit;
    tell(device, &packet);
}

static lubdub_device a_device(void) {
    lubdub_device device;
    const lubdub_device_config config = a_config();
    lubdub_decoder_init(&ear);
    line_is_full = false;
    CHECK(lubdub_device_init(&device, &config));
    expect_heard(info_line);
    return device;
}

static lubdub_device a_streaming_device(void) {
    lubdub_device device = a_device();
    tell_hello(&device, 1, 1);
    expect_heard(info_line);
    tell_type(&device, LUBDUB_START);
    CHECK(device.state == LUBDUB_STREAMING);
    return device;
}

static void test_states(void) {
    lubdub_device device = a_device();
    tell_type(&device, LUBDUB_STOP);
    expect_heard("stopped request 0\n");
    tell_type(&device, LUBDUB_START);
    expect_heard("error 2 '5354415254206e6565647320612048454c4c4f206265666f7265206974'\n");
    CHECK(device.state == LUBDUB_IDLE);
    tell_hello(&device, 4, 2);
    expect_heard(info_line);
    CHECK(device.state == LUBDUB_IDLE);
    tell_type(&device, LUBDUB_START);
    expect_heard("error 1 '6e6f2070726f746f636f6c2076657273696f6e20696e20636f6d6d6f6e'\n");
    tell_hello(&device, 0, 0);
    expect_heard(info_line);
    CHECK(device.state == LUBDUB_IDLE);
    tell_hello(&device, 3, 1);
    expect_heard(info_line);
    CHECK(device.state == LUBDUB_READY);
    lubdub_device_sample(&device, 1, 1);
    lubdub_device_send_status(&device, 50, 1);
    expect_heard("");
    tell_type(&device, LUBDUB_START);
    lubdub_device_sample(&device, 1, 500);
    tell_type(&device, LUBDUB_START);
    tell_hello(&device, 1, 1);
    expect_heard(info_line);
    lubdub_device_sample(&device, 2, 1000);
    lubdub_device_sample(&device, 3, 1500);
    tell_type(&device, LUBDUB_STOP);
    expect_heard("samples 0 0 500 16 2 ded89066\nsamples 1 2 1500 16 1 9bc23426\nstopped request 3\n");
    CHECK(device.state == LUBDUB_READY);
    tell_type(&device, LUBDUB_STOP);
    expect_heard("stopped request 3\n");
    tell_type(&device, LUBDUB_START);
    lubdub_device_sample(&device, 3, 9);
    lubdub_device_stop(&device, LUBDUB_BATTERY);
    expect_heard("samples 0 0 9 16 1 9bc23426\nstopped battery 1\n");
    tell_type(&device, LUBDUB_STOP);
    expect_heard("stopped battery 1\n");
    tell_type(&device, LUBDUB_START);
    tell_hello(&device, 9, 2);
    CHECK(heard_length == strlen(info_line) + strlen("stopped request 0\n"));
    CHECK(strcmp(heard + strlen(info_line), "stopped request 0\n") == 0);
    CHECK(device.state == LUBDUB_IDLE);
    forget_heard();
    tell_type(&device, 0x7e);
    expect_heard("");
    printf("  every arrow of the state diagram\n");
}

static void test_overrun(void) {
    lubdub_device device = a_streaming_device();
    int i;
    lubdub_device_sample(&device, 3, 10);
    lubdub_device_overrun(&device, 40);
    lubdub_device_sample(&device, 3, 20510);
    lubdub_device_overrun(&device, 0);
    lubdub_device_stop(&device, LUBDUB_END);
    expect_heard("samples 0 0 10 16 1 9bc23426\nsamples 1 41 20510 16 1 9bc23426\nstopped end 42\n");
    tell_type(&device, LUBDUB_START);
    for (i = 0; i < 6; i++) {
        line_is_full = i == 2 || i == 3;
        lubdub_device_sample(&device, i == 5 ? 2047 : -2048, (uint32_t)i);
    }
    lubdub_device_send_status(&device, LUBDUB_UNKNOWN, 0);
    lubdub_device_send_status(&device, 101, 0);
    lubdub_device_stop(&device, LUBDUB_END);
    CHECK(strstr(heard, "samples 0 0 0 ") == heard);
    CHECK(strstr(heard, "\nsamples 1 4 4 ") != NULL);
    CHECK(strstr(heard, "\nstatus 2 6 - 0\nstopped end 6\n") != NULL);
    forget_heard();
    printf("  samples that find no room are counted in the index and in STATUS\n");
}

static void test_credit(void) {
    lubdub_device device = a_device();
    CHECK(lubdub_device_credit(&device) == UINT32_MAX);
    tell_hello(&device, 1, 1);
    tell_credit(&device, 3);
    tell_type(&device, LUBDUB_START);
    CHECK(lubdub_device_credit(&device) == 3);
    lubdub_device_sample(&device, 0, 0);
    CHECK(lubdub_device_credit(&device) == 2);
    tell_credit(&device, 2);
    CHECK(lubdub_device_credit(&device) == 2);
    lubdub_device_overrun(&device, 5);
    CHECK(lubdub_device_credit(&device) == 0);
    tell_credit(&device, 10);
    CHECK(lubdub_device_credit(&device) == 4);
    device.index = UINT32_MAX - 1;
    device.credit_limit = UINT32_MAX;
    tell_credit(&device, 7);
    CHECK(lubdub_device_credit(&device) == 9);
    lubdub_device_stop(&device, LUBDUB_END);
    CHECK(lubdub_device_credit(&device) == UINT32_MAX);
    forget_heard();
    printf("  credit is absolute, only rises, wraps, and ends with the stream\n");
}

static void test_configuration(void) {
    lubdub_device device;
    lubdub_device_config config = a_config();
    config.samples_per_packet = LUBDUB_MAX_SAMPLES_16;
    CHECK(lubdub_device_init(&device, &config));
    config.samples_per_packet = LUBDUB_MAX_SAMPLES_16 + 1;
    CHECK(!lubdub_device_init(&device, &config));
    config = a_config();
    config.samples_per_packet = 0;
    CHECK(!lubdub_device_init(&device, &config));
    config = a_config();
    config.info.bits_per_sample = 12;
    CHECK(!lubdub_device_init(&device, &config));
    config = a_config();
    config.info.full_scale = 32769;
    CHECK(!lubdub_device_init(&device, &config));
    config = a_config();
    config.info.sample_rate_hz = 999;
    CHECK(!lubdub_device_init(&device, &config));
    config.info.sample_rate_hz = 192001;
    CHECK(!lubdub_device_init(&device, &config));
    config = a_config();
    config.info.firmware.length = LUBDUB_MAX_NAME + 1;
    CHECK(!lubdub_device_init(&device, &config));
    forget_heard();
    printf("  a configuration that cannot be is refused\n");
}

static void test_state(void) {
    CHECK(sizeof(lubdub_device) <= 672);
    printf("  state: %u bytes a device\n", (unsigned)sizeof(lubdub_device));
}

int main(void) {
    test_states();
    test_overrun();
    test_credit();
    test_configuration();
    test_state();
    return 0;
}
