/*
 * ESP32-S3 with an I2S microphone: the sketch of the Arduino IDE, which is whole C++ as it stands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../../../c/examples/i2s_stethoscope/i2s_stethoscope.ino"
