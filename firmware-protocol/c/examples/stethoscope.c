/*
 * A stethoscope without hardware: plays a WAV file through the reference codec, on a pseudo-terminal or on
 * stdin and stdout. POSIX; the part that a firmware engineer will recognise is device_main() and what it calls.
 *
 *     stethoscope [--stdio] [--speed max] [--loop] [--serial TEXT] [--link PATH] FILE.wav
 *
 *     --stdio        speak on stdin and stdout, until stdin ends; otherwise on a pseudo-terminal, whose path is printed
 *     --speed max    as fast as the host takes it by CREDIT; otherwise, and until the first CREDIT, in real time
 *     --loop         begin again at the end of the file; otherwise STOPPED "end"
 *     --serial TEXT  serial number, default "C-0001"
 *     --link PATH    make a symbolic link to the pseudo-terminal
 *
 * Reads PCM of 16 and 24 bit, the first channel of several.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _XOPEN_SOURCE 600

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../lubdub_device.h"

/* ---- the recording ---- */

typedef struct {
    uint32_t sample_rate_hz;
    uint16_t channels;
    uint16_t bits;
    uint8_t *file;
    const uint8_t *data; /* inside `file` */
    uint32_t count; /* of samples of the first channel */
} recording;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "stethoscope: %s: %s\n", what, detail);
    exit(1);
}

static uint32_t le(const uint8_t *at, int bytes) {
    uint32_t value = 0;
    while (bytes-- > 0) {
        value = value << 8 | at[bytes];
    }
    return value;
}

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    long length;
    if (file == NULL) {
        fail(path, strerror(errno));
    }
    if (fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
        fail(path, strerror(errno));
    }
    bytes = malloc((size_t)length + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)length, file) != (size_t)length) {
        fail(path, "cannot be read");
    }
    fclose(file);
    *size = (size_t)length;
    return bytes;
}

static recording read_wav(const char *path) {
    recording wav = {0, 0, 0, NULL, NULL, 0};
    size_t size;
    size_t at = 12;
    const uint8_t *bytes = wav.file = read_file(path, &size);
    if (size < 12 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0) {
        fail(path, "must be a WAV file");
    }
    while (size - at >= 8 && wav.data == NULL) {
        const uint8_t *name = bytes + at;
        size_t length = le(bytes + at + 4, 4);
        at += 8;
        if (length > size - at) {
            length = size - at; /* cut short: play what there is */
        }
        if (memcmp(name, "fmt ", 4) == 0 && length >= 16) {
            wav.channels = (uint16_t)le(bytes + at + 2, 2);
            wav.sample_rate_hz = le(bytes + at + 4, 4);
            wav.bits = (uint16_t)le(bytes + at + 14, 2);
            if (le(bytes + at, 2) != 1 && le(bytes + at, 2) != 0xfffe) {
                fail(path, "must be PCM");
            }
        } else if (memcmp(name, "data", 4) == 0 && wav.channels != 0) {
            wav.data = bytes + at;
            wav.count = (uint32_t)(length / ((size_t)wav.channels * wav.bits / 8u));
        }
        at += length + (length & 1);
        if (at > size) {
            break;
        }
        if (wav.channels != 0 && ((wav.bits != 16 && wav.bits != 24) || wav.sample_rate_hz == 0)) {
            fail(path, "must have 16 or 24 bits and a sample rate");
        }
    }
    if (wav.data == NULL || wav.count == 0) {
        fail(path, "must have a format and samples");
    }
    return wav;
}

static int32_t sample_of(const recording *wav, uint32_t i) {
    const uint8_t *at = wav->data + (size_t)i * wav->channels * (wav->bits / 8u);
    return wav->bits == 16 ? (int32_t)(int16_t)le(at, 2) : (int32_t)(le(at, 3) << 8) >> 8;
}

/* ---- the wire ---- */

/* What waits to be written; a UART driver's ring buffer in real firmware. */
typedef struct {
    uint8_t bytes[65536];
    size_t length;
    int descriptor;
} outlet;

static bool put(void *context, const uint8_t *bytes, size_t length) {
    outlet *out = context;
    if (length > sizeof out->bytes - out->length) {
        return false;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    return true;
}

/* Returns false where nobody will ever read again. */
static bool drain(outlet *out) {
    const ssize_t written = write(out->descriptor, out->bytes, out->length);
    if (written < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    out->length -= (size_t)written;
    memmove(out->bytes, out->bytes + written, out->length);
    return true;
}

static int open_terminal(const char *link) {
    struct termios raw;
    int slave;
    const char *path;
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || (path = ptsname(master)) == NULL) {
        fail("pseudo-terminal", strerror(errno));
    }
    /* Held open, so that the terminal outlives a host that closes it, and raw, so that no byte is changed. */
    slave = open(path, O_RDWR | O_NOCTTY);
    if (slave < 0 || tcgetattr(slave, &raw) != 0) {
        fail(path, strerror(errno));
    }
    raw.c_iflag = 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8 | CREAD | CLOCAL;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(slave, TCSANOW, &raw) != 0) {
        fail(path, strerror(errno));
    }
    if (link != NULL) {
        unlink(link);
        if (symlink(path, link) != 0) {
            fail(link, strerror(errno));
        }
    }
    printf("%s\n", link != NULL ? link : path);
    fflush(stdout);
    return master;
}

static void never_wait(int descriptor) {
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
        fail("descriptor", strerror(errno));
    }
}

/* ---- the device ---- */

typedef struct {
    bool stdio;
    bool max_speed;
    bool loop;
    const char *serial;
    const char *link;
    const char *file;
} options;

/* The converter: a file, and when its next sample is due. */
typedef struct {
    recording wav;
    uint64_t start_micros;
    uint64_t taken; /* samples since START */
} converter;

static volatile sig_atomic_t interrupted = 0;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static uint64_t now_micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t due_micros(const converter *adc, uint64_t sample) {
    return adc->start_micros + sample * 1000000u / adc->wav.sample_rate_hz;
}

static bool is_paced_by_credit(const lubdub_device *device) {
    return (device->config.info.compatible_flags & LUBDUB_WAITS_FOR_CREDIT) != 0 &&
           lubdub_device_credit(device) != UINT32_MAX;
}

/*
 * How many samples the converter has ready. Paced by credit, a stored recording waits for room as well; a real
 * converter cannot wait, and in real time this one does not either.
 */
static uint64_t ready(const converter *adc, const lubdub_device *device) {
    const outlet *out = device->config.context;
    const uint64_t elapsed = now_micros() - adc->start_micros;
    const uint64_t due = elapsed * adc->wav.sample_rate_hz / 1000000u + 1;
    if (is_paced_by_credit(device)) {
        const uint64_t packets = (sizeof out->bytes - out->length) / LUBDUB_MAX_WIRE;
        const uint64_t fits = packets > 8 ? (packets - 8) * device->config.samples_per_packet : 0;
        const uint32_t credit = lubdub_device_credit(device);
        return credit < fits ? credit : fits;
    }
    return due > adc->taken ? due - adc->taken : 0;
}

static void convert(converter *adc, lubdub_device *device, bool loop) {
    uint64_t count = ready(adc, device);
    for (; count > 0 && device->state == LUBDUB_STREAMING; count--) {
        if (adc->taken >= adc->wav.count && !loop) {
            lubdub_device_stop(device, LUBDUB_END);
            return;
        }
        /* The sample clock of this converter is the host's own clock, so the two never drift apart. */
        lubdub_device_sample(device, sample_of(&adc->wav, (uint32_t)(adc->taken % adc->wav.count)),
                             (uint32_t)due_micros(adc, adc->taken));
        adc->taken++;
        if (adc->taken % adc->wav.sample_rate_hz == 0) {
            lubdub_device_send_status(device, 100, LUBDUB_UNKNOWN);
        }
    }
}

/* How long nothing is to be done unless the wire has news; -1 for ever. */
static int wait_millis(const converter *adc, const lubdub_device *device) {
    const uint64_t next = due_micros(adc, adc->taken + device->config.samples_per_packet - device->writer.count);
    const uint64_t now = now_micros();
    if (device->state != LUBDUB_STREAMING) {
        return -1;
    }
    if (is_paced_by_credit(device)) {
        return ready(adc, device) > 0 ? 0 : -1;
    }
    return next > now ? (int)((next - now) / 1000u) + 1 : 0;
}

/* Returns false at the end of the input. */
static bool receive(int descriptor, lubdub_device *device, converter *adc) {
    uint8_t bytes[512];
    const ssize_t count = read(descriptor, bytes, sizeof bytes);
    ssize_t i;
    for (i = 0; i < count; i++) {
        const lubdub_device_state before = device->state;
        lubdub_device_receive(device, bytes[i]);
        if (before != LUBDUB_STREAMING && device->state == LUBDUB_STREAMING) {
            adc->start_micros = now_micros();
            adc->taken = 0;
        }
    }
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

static int device_main(const options *o) {
    static outlet out;
    static lubdub_device device;
    lubdub_device_config config;
    converter adc;
    int in;

    adc.wav = read_wav(o->file);
    adc.start_micros = 0;
    adc.taken = 0;
    in = o->stdio ? STDIN_FILENO : open_terminal(o->link);
    out.descriptor = o->stdio ? STDOUT_FILENO : in;
    never_wait(in);
    never_wait(out.descriptor);

    memset(&config, 0, sizeof config);
    config.info.sample_rate_hz = adc.wav.sample_rate_hz;
    config.info.bits_per_sample = (uint8_t)adc.wav.bits;
    config.info.full_scale = UINT32_C(1) << (adc.wav.bits - 1);
    config.info.compatible_flags =
        LUBDUB_REPORTS_CLIPPING | LUBDUB_REPORTS_BATTERY | (o->max_speed ? LUBDUB_WAITS_FOR_CREDIT : 0);
    config.info.firmware.bytes = "lubdub C example 1.0.0";
    config.info.firmware.length = (uint8_t)strlen(config.info.firmware.bytes);
    config.info.serial_number.bytes = o->serial;
    config.info.serial_number.length = (uint8_t)strlen(o->serial);
    /* 20 ms a packet, or as many samples as fit. */
    config.samples_per_packet = (uint8_t)(adc.wav.bits == 16 ? LUBDUB_MAX_SAMPLES_16 : LUBDUB_MAX_SAMPLES_24);
    if (adc.wav.sample_rate_hz / 50 < config.samples_per_packet) {
        config.samples_per_packet = (uint8_t)(adc.wav.sample_rate_hz < 50 ? 1 : adc.wav.sample_rate_hz / 50);
    }
    config.write = put;
    config.context = &out;
    if (!lubdub_device_init(&device, &config)) {
        fail("configuration", "a field of INFO cannot be");
    }

    while (!interrupted) {
        struct pollfd ports[2];
        ports[0].fd = in;
        ports[0].events = POLLIN;
        ports[1].fd = out.length > 0 ? out.descriptor : -1;
        ports[1].events = POLLOUT;
        if (poll(ports, 2, wait_millis(&adc, &device)) < 0 && errno != EINTR) {
            fail("poll", strerror(errno));
        }
        if (ports[0].revents != 0 && !receive(in, &device, &adc)) {
            break;
        }
        if (device.state == LUBDUB_STREAMING) {
            convert(&adc, &device, o->loop);
        }
        if (out.length > 0 && !drain(&out)) {
            break;
        }
    }
    if (o->link != NULL) {
        unlink(o->link);
    }
    free(adc.wav.file);
    return 0;
}

static options parse(int argc, char **argv) {
    static const char usage[] =
        "[--stdio] [--speed max] [--loop] [--serial TEXT] [--link PATH] FILE.wav";
    options o = {false, false, false, "C-0001", NULL, NULL};
    int i;
    for (i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--stdio") == 0) {
            o.stdio = true;
        } else if (strcmp(argv[i], "--loop") == 0) {
            o.loop = true;
        } else if (strcmp(argv[i], "--speed") == 0 && more && strcmp(argv[i + 1], "max") == 0) {
            o.max_speed = true;
            i++;
        } else if (strcmp(argv[i], "--serial") == 0 && more && strlen(argv[i + 1]) <= LUBDUB_MAX_NAME) {
            o.serial = argv[++i];
        } else if (strcmp(argv[i], "--link") == 0 && more) {
            o.link = argv[++i];
        } else if (argv[i][0] != '-' && o.file == NULL) {
            o.file = argv[i];
        } else {
            fail("usage", usage);
        }
    }
    if (o.file == NULL) {
        fail("usage", usage);
    }
    return o;
}

int main(int argc, char **argv) {
    struct sigaction action;
    const options o = parse(argc, argv);
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return device_main(&o);
}
